/** REP (RFC 28): answers whoever asked. A ROUTER that names its peers itself; an answer that cannot go is dropped and counted. */
import { type Message, partsOf } from '../message.ts'
import { RouterStrategy } from './router.ts'
import type { StrategyContext } from './routing-strategy.ts'
import { Skips } from './skips.ts'

export class RepStrategy extends RouterStrategy {
  readonly #skips: Skips

  constructor(context: StrategyContext) {
    super(context, { mandatory: false, onFull: 'reject', handover: false, ownNames: false })
    this.#skips = new Skips(context)
  }

  get skipped(): boolean {
    return this.#skips.over
  }

  /** Skips what has no empty part between envelope and body. */
  override receive(): Message | undefined {
    while (!this.#skips.over) {
      const message = super.receive()
      if (message === undefined || partsOf(message).some(part => part.length === 0)) return message
      this.context.dropped('malformed', undefined)
      this.#skips.add()
    }
    return undefined
  }
}
