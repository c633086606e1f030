/** Which scenarios run: one with the choices of the command line, the quick look, or the whole report. */

import type { Timing } from './course.ts'
import type { Transport } from './ends/spec.ts'
import { GATE_ROWS } from './gate.ts'
import type { Task } from './harness.ts'
import { SCENARIOS, scenarioNamed } from './scenarios.ts'
import { type System, systemNamed } from './systems.ts'

export interface Choice {
  readonly transport?: Transport | undefined
  readonly size?: number | undefined
  readonly systems?: readonly string[] | undefined
  readonly rounds?: number | undefined
  /** Gate: the directory of the other build. */
  readonly against?: string | undefined
}

export interface Plan {
  readonly tasks: readonly Task[]
  readonly timing: Timing
}

const FULL: Timing = { warmUp: 1000, patience: 6000, window: 1000 }
const SHORT: Timing = { warmUp: 500, patience: 1500, window: 500 }
const ROUNDS = 5
const QUICK_ROUNDS = 3
const GATE_ROUNDS = 7

/** `say` hears of everybody who has to be left out. */
export function planFor(name: string, choice: Choice, say: (line: string) => void): Plan {
  const available = new Availability(say)
  switch (name) {
    case 'quick': {
      const systems = choice.systems ?? ['typedmq', 'typedmq-try', 'zeromq', 'libzmq-c']
      const rounds = choice.rounds ?? QUICK_ROUNDS
      const task = (name: string, size?: number) =>
        taskFor(name, { ...choice, size, systems, rounds }, available)
      const sizes = choice.size === undefined ? [16, 1024, 1024 * 1024] : [choice.size]
      const oneWay = sizes.map(size => task('throughput', size))
      return {
        tasks: [...oneWay, task('latency'), task('fan-out'), task('typed'), task('start')],
        timing: SHORT,
      }
    }
    case 'all':
      return {
        tasks: SCENARIOS.flatMap(({ name, transports }) =>
          // The scenario `inproc` has that transport already; elsewhere ipc only where bytes are what matters.
          transportsOfReport(name, transports).map(transport =>
            taskFor(name, { ...choice, transport }, available),
          ),
        ),
        timing: FULL,
      }
    case 'gate':
      return gatePlan(choice, available)
    default:
      return { tasks: [taskFor(name, choice, available)], timing: FULL }
  }
}

/** Each row of the gate: this build beside the one in `against`. */
function gatePlan({ against, rounds = GATE_ROUNDS }: Choice, available: Availability): Plan {
  if (against === undefined)
    throw new RangeError('gate needs --against DIRECTORY, another build of the library')
  if (rounds < GATE_ROUNDS) throw new RangeError(`gate takes at least ${GATE_ROUNDS} rounds, not ${rounds}`)
  const tasks = GATE_ROWS.map(({ scenario, system, transport, size, variant }) => {
    const systems = [system, `${system}@${against}`]
    const task = taskFor(scenario, { transport, size, systems, rounds }, available)
    return { ...task, cases: task.cases.filter(one => variant === undefined || one.variant === variant) }
  })
  if (tasks.some(task => task.systems.length < 2))
    throw new RangeError(`there is no build to compare with in ${against}`)
  return { tasks, timing: FULL }
}

function transportsOfReport(
  name: string,
  transports: readonly Transport[],
): readonly (Transport | undefined)[] {
  if (transports.length === 0) return [undefined]
  return name.startsWith('throughput') ? transports.filter(one => one !== 'inproc') : transports.slice(0, 1)
}

function taskFor(name: string, choice: Choice, available: Availability): Task {
  const scenario = scenarioNamed(name)
  const transport = choice.transport ?? scenario.transports[0] ?? null
  if (
    choice.transport !== undefined &&
    scenario.transports.length > 0 &&
    !scenario.transports.includes(choice.transport)
  ) {
    throw new RangeError(
      `${name} has no transport "${choice.transport}"; it has ${scenario.transports.join(', ')}`,
    )
  }
  const sizes =
    scenario.sizes.length === 0 ? [null] : choice.size === undefined ? scenario.sizes : [choice.size]
  const names =
    choice.systems?.filter(name => scenario.systems.includes(name.split('@')[0]!)) ?? scenario.systems
  return {
    scenario,
    cases: sizes.flatMap(size => scenario.cases(transport, size)),
    systems: available.only(names.map(systemNamed)),
    rounds: choice.rounds ?? ROUNDS,
  }
}

/** Says once about each system that cannot run here why. */
class Availability {
  readonly #say: (line: string) => void
  readonly #missing = new Map<string, boolean>()

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  only(systems: readonly System[]): System[] {
    return systems.filter(system => {
      if (!this.#missing.has(system.name)) {
        const why = system.missing()
        this.#missing.set(system.name, why !== undefined)
        if (why !== undefined) this.#say(`${system.name} left out: ${why}`)
      }
      return !this.#missing.get(system.name)
    })
  }
}
