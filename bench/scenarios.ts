/** All scenarios by name. */
import type { Scenario } from './scenario.ts'
import { curve } from './scenarios/curve.ts'
import { discovery } from './scenarios/discovery.ts'
import { gap } from './scenarios/gap.ts'
import { latency } from './scenarios/latency.ts'
import { fanIn, fanOut, peers, topics } from './scenarios/many.ts'
import { memory } from './scenarios/memory.ts'
import { packageSize } from './scenarios/size.ts'
import { startUp } from './scenarios/start.ts'
import { inproc, throughput, throughputConnect } from './scenarios/throughput.ts'
import { typed } from './scenarios/typed.ts'

const ALL: readonly Scenario[] = [
  throughput,
  throughputConnect,
  inproc,
  latency,
  fanOut,
  fanIn,
  peers,
  topics,
  typed,
  curve,
  gap,
  discovery,
  memory,
  startUp,
  packageSize,
]

export function scenarioNamed(name: string): Scenario {
  const scenario = ALL.find(scenario => scenario.name === name)
  if (scenario === undefined) {
    throw new RangeError(
      `unknown scenario "${name}"; known are ${ALL.map(({ name }) => name).join(', ')}, quick and all`,
    )
  }
  return scenario
}

export { ALL as SCENARIOS }
