/** Which scenarios run: one with the choices of the command line, the quick look, the whole report, or the gate. */
import { ROOT } from './build.ts'
import type { Timing } from './course.ts'
import type { Match } from './duel.ts'
import { partsOfName, type Transport } from './ends/spec.ts'
import { GATE_ROWS, type GateRow, nameOf } from './gate.ts'
import type { Task } from './harness.ts'
import { SCENARIOS, scenarioNamed } from './scenarios.ts'
import { type System, systemNamed } from './systems.ts'

export interface Choice {
  readonly transport?: Transport | undefined
  readonly size?: number | undefined
  readonly systems?: readonly string[] | undefined
  readonly rounds?: number | undefined
  /** Gate: the directory of the other build; and what the names of the rows contain that are looked at. */
  readonly against?: string | undefined
  readonly row?: string | undefined
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
/** Of runs in a round of the gate, where a row does not say otherwise. */
const PAIRS = 3

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
    default:
      return { tasks: [taskFor(name, choice, available)], timing: FULL }
  }
}

/** The rows of the gate, and what is to be measured for each: this build beside the one in `against`. */
export interface GatePlan {
  readonly rows: readonly GateRow[]
  readonly matches: readonly Match[]
  readonly timing: Timing
}

export function gatePlan(
  { against, row: wanted, rounds = GATE_ROUNDS, size, systems, transport }: Choice,
  say: (line: string) => void,
): GatePlan {
  if (against === undefined)
    throw new RangeError('gate needs --against DIRECTORY, another build of the library')
  if (wanted === '') throw new RangeError('--row needs a text that stands in the names of some rows')
  if ((size ?? systems ?? transport) !== undefined)
    throw new RangeError('the rows of the gate are fixed: it takes --against, --row and --rounds only')
  if (rounds < GATE_ROUNDS && wanted === undefined)
    throw new RangeError(`gate takes at least ${GATE_ROUNDS} rounds, not ${rounds}`)
  const available = new Availability(say)
  const rows = GATE_ROWS.filter(row => nameOf(row).includes(wanted ?? ''))
  if (rows.length === 0)
    throw new RangeError(
      `no row of the gate has "${wanted}" in its name; they are ${GATE_ROWS.map(nameOf).join(', ')}`,
    )
  const matches = rows.map(({ scenario, system: name, transport, size, variant, pairs = PAIRS }) => {
    // Both by their directory: the way in which a package is found by its name is not to be compared.
    const systems = [`${name}@${ROOT}`, `${name}@${against}`]
    const task = taskFor(scenario, { transport, size, systems, rounds }, available)
    const cases = task.cases.filter(one => variant === undefined || one.variant === variant)
    return { ...task, cases, pairs }
  })
  if (matches.some(({ systems }) => systems.length < 2))
    throw new RangeError(`there is no build to compare with in ${against}`)
  return { rows, matches, timing: SHORT }
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
    choice.systems?.filter(name => scenario.systems.includes(partsOfName(name).system)) ?? scenario.systems
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
