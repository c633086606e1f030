/** How the suite states its rules: each is a test on a stage of its own, or a listed difference of an engine. */
import { it } from 'vitest'
import { type Capability, differenceOf, type EnginePair } from '../../support/engines.ts'
import { Stage } from '../../support/stage.ts'
import type { TransportUnderTest } from '../../support/transports.ts'

/** States one rule. */
export type Rule = (name: string, play: (stage: Stage) => Promise<void>, ...needs: Capability[]) => void

/** A rule that one of the engines is known not to keep is skipped under a name that says why. */
export function ruleFor(pair: EnginePair, transport: TransportUnderTest): Rule {
  return (name, play, ...needs) => {
    const difference = differenceOf(pair, needs)
    if (difference !== undefined) {
      it.skip(`${name} (known difference of ${difference})`)
      return
    }
    it(name, async () => {
      await using stage = new Stage(pair, transport)
      await play(stage)
    })
  }
}
