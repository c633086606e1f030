/** Runs the cases of scenarios: rounds interleaved over the systems, so that a change of the machine's mood meets all of them. */
import type { Timing } from './course.ts'
import { type Load, observer } from './load.ts'
import type { Progress } from './progress.ts'
import type { Case, Figures, Scenario } from './scenario.ts'
import type { System } from './systems.ts'

/** A scenario's cases with those who take part. */
export interface Task {
  readonly scenario: Scenario
  readonly cases: readonly Case[]
  readonly systems: readonly System[]
  readonly rounds: number
}

/** What the progress bar has to count. */
export function stepsOf(tasks: readonly Task[]): number {
  let steps = 0
  for (const task of tasks) {
    for (const one of task.cases) steps += task.rounds * participants(task, one).length
  }
  return steps
}

/** What the rounds of one case have shown. */
export interface Measured {
  readonly scenario: Scenario
  readonly case: Case
  /** A system that failed in a round has none of that round. */
  readonly rounds: ReadonlyMap<System, readonly (Figures | undefined)[]>
  readonly load: Load | undefined
}

/** Yields each case as soon as it is done. A system that fails is named. */
export async function* measure(
  tasks: readonly Task[],
  timing: Timing,
  progress: Progress,
): AsyncGenerator<Measured> {
  for (const task of tasks) {
    for (const one of task.cases) {
      if (one.missing !== undefined) progress.say(`${task.scenario.name}: a case left out: ${one.missing}`)
      const systems = participants(task, one)
      const rounds = new Map<System, (Figures | undefined)[]>(systems.map(system => [system, []]))
      // What needs no transport is no matter of load: the size of a bundle, the time of an import.
      const loadSince = one.transport === null ? undefined : observer?.watch()
      for (let round = 0; round < task.rounds; round++) {
        // Each round begins with another system, so that none always follows the same one.
        for (let turn = 0; turn < systems.length; turn++) {
          const system = systems[(turn + round) % systems.length]!
          progress.step(`${describe(task.scenario, one)} ${system.name}`)
          try {
            rounds.get(system)![round] = await one.measure(system, timing)
          } catch (error) {
            progress.say(`${describe(task.scenario, one)} ${system.name} failed: ${(error as Error).message}`)
          }
        }
      }
      yield { scenario: task.scenario, case: one, rounds, load: loadSince?.() }
    }
  }
}

function participants({ systems }: Task, one: Case): readonly System[] {
  if (one.missing !== undefined) return []
  return systems.filter(({ transports }) => one.transport === null || transports.includes(one.transport))
}

export function describe({ name }: Scenario, { transport, size }: Case): string {
  return [name, transport, size === null ? null : `${size} B`].filter(word => word !== null).join(' ')
}
