/** Two builds side by side: in each round they take turns, so that a change of the machine's mood meets both. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Timing } from './course.ts'
import type { Sample } from './ends/spec.ts'
import { measures, type Opened, type Starting, withEnds } from './exchange.ts'
import { describe, type Task } from './harness.ts'
import type { Progress } from './progress.ts'
import { spread } from './results.ts'
import type { Case, Figures, FlowSetup } from './scenario.ts'
import type { System } from './systems.ts'

/** By unit, the first build's figure divided by the second's, of one round. */
export type Ratios = Readonly<Record<string, number>>

/** What a duel compares, and how many pairs of runs make one round where runs are no flows. */
export interface Match extends Task {
  readonly pairs: number
}

/** The unit of what a message costs both ends, in microseconds of processor time: it differs less from run to run than the rate. */
export const COST = 'us CPU'

/**
 * A round of flows: windows of each build, in pairs. Between two runs of one build the rate differs by a tenth, and within
 * some seconds the whole machine may become slower by a third; of five pairs, an outlier moves the median little.
 */
const WINDOWS = 5
/** Milliseconds. */
const WINDOW = 300
const WARM_UP = 1000
const INTERVAL = 50
/**
 * Freed memory stays with the process. On a virtual machine a page that was given back may come from the host again, which
 * made the rate at 1 MiB differ by a factor of five within one run (500 to 4,600 messages a second); with this, by a third.
 */
const OWN_MEMORY = {
  MALLOC_MMAP_MAX_: '0',
  MALLOC_TRIM_THRESHOLD_: String(4e9),
  MALLOC_TOP_PAD_: String(64 * 1024 * 1024),
}

export function roundsOf(matches: readonly Match[]): number {
  return matches.reduce((sum, { cases, rounds }) => sum + cases.length * rounds, 0)
}

/** Yields the rounds of each match as soon as it is done. A round that fails is named, tried once more, and undefined if it fails again. */
export async function* duel(
  matches: readonly Match[],
  timing: Timing,
  progress: Progress,
): AsyncGenerator<readonly (Ratios | undefined)[]> {
  for (const { scenario, cases, systems, rounds, pairs } of matches) {
    for (const one of cases) {
      const all: (Ratios | undefined)[] = []
      if (one.missing !== undefined) progress.say(`${describe(scenario, one)} left out: ${one.missing}`)
      for (let round = 0; round < rounds; round++) {
        progress.step(describe(scenario, one))
        const contest = { systems: systems as Pair<System>, swapped: round % 2 === 1 }
        const run = () =>
          one.flow === undefined ? runs(one, contest, pairs, timing) : flows(one.flow, contest)
        const attempt = () =>
          run().catch((error: Error) => progress.say(`${describe(scenario, one)} failed: ${error.message}`))
        all.push(
          one.missing === undefined ? ((await attempt()) ?? (await attempt()) ?? undefined) : undefined,
        )
      }
      yield all
    }
  }
}

type Pair<T> = readonly [T, T]

interface Contest {
  readonly systems: Pair<System>
  /** The second one is the first to be started and measured. */
  readonly swapped: boolean
}

/** Both builds run all the time, but one of them is always stopped. */
function flows(
  { pairing, work, extraWarmUp, unit }: FlowSetup,
  { systems, swapped }: Contest,
): Promise<Ratios> {
  const starting: Starting = { warmUp: 0, window: 0, interval: INTERVAL, environment: OWN_MEMORY }
  const warmed = (system: System, use: (opened: readonly Opened[]) => Promise<Ratios>) =>
    withEnds(system, pairing, work, starting, async opened => {
      await pause(WARM_UP + extraWarmUp)
      stop(opened)
      return use(opened)
    })
  const order = swapped ? systems.toReversed() : systems
  return warmed(order[0]!, first =>
    warmed(order[1]!, async second => {
      const ratios: Record<string, number[]> = { [unit]: [], [COST]: [] }
      for (let pair = 0; pair < WINDOWS; pair++) {
        const shown = await inOrder(pair % 2 === 1, [() => windowOf(first), () => windowOf(second)])
        const [own, other] = swapped ? shown.toReversed() : shown
        ratios[unit]!.push(own!.rate / other!.rate)
        ratios[COST]!.push(own!.cost / other!.cost)
      }
      return medians(ratios)
    }),
  )
}

async function runs(
  one: Case,
  { systems, swapped }: Contest,
  pairs: number,
  timing: Timing,
): Promise<Ratios> {
  const ratios: Record<string, number[]> = {}
  for (let pair = 0; pair < pairs; pair++) {
    const measure = systems.map(system => () => one.measure(system, timing))
    const figures = await inOrder(
      swapped !== (pair % 2 === 1),
      measure as unknown as Pair<() => Promise<Figures>>,
    )
    for (const unit of Object.keys(figures[0])) {
      ratios[unit] ??= []
      ratios[unit].push(figures[0][unit]! / figures[1][unit]!)
    }
  }
  return medians(ratios)
}

function medians(ratios: Readonly<Record<string, readonly number[]>>): Ratios {
  return Object.fromEntries(Object.entries(ratios).map(([unit, all]) => [unit, spread(all).median]))
}

/** Runs both, the second one first when `swapped`; answers in the order given. */
async function inOrder<T>(swapped: boolean, [first, second]: Pair<() => Promise<T>>): Promise<Pair<T>> {
  if (!swapped) return [await first(), await second()]
  const later = await second()
  return [await first(), later]
}

/** One window: messages a second, and what each of them cost all processes together. */
async function windowOf(opened: readonly Opened[]): Promise<{ rate: number; cost: number }> {
  const receiver = opened.find(measures)!
  for (const { child } of opened) {
    child.forget()
    child.resume()
  }
  const windows = await Promise.all(opened.map(async one => ({ one, ...(await edgesOf(one)) })))
  stop(opened)
  const perSecond = (of: 'count' | 'cpu') => (window: { from: Sample; to: Sample }) =>
    (window.to[of]! - window.from[of]!) / ((window.to.at - window.from.at) / 1000)
  const rate = perSecond('count')(windows.find(({ one }) => one === receiver)!)
  const cpu = windows.map(perSecond('cpu')).reduce((sum, one) => sum + one, 0)
  return { rate, cost: cpu / rate }
}

/** The first sample after a stop has the stop in it. */
async function edgesOf({ child }: Opened): Promise<{ from: Sample; to: Sample }> {
  await child.next<Sample>()
  const from = await child.next<Sample>()
  let to = from
  while (to.at - from.at < WINDOW) to = await child.next<Sample>()
  return { from, to }
}

function stop(opened: readonly Opened[]): void {
  for (const { child } of opened) child.pause()
}
