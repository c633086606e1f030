/** Cases of two ends that send and receive as fast as they go, and the figures of their runs. */
import type { Cost } from './course.ts'
import { type Flow, flow, type Pairing, type Work } from './exchange.ts'
import { type Case, type Figures, UNSETTLED } from './scenario.ts'

/** From this size on a run takes seconds to settle, and what the first one brings is a figure of its own. */
const COLD_FROM = 16 * 1024

interface FlowCase {
  readonly pairing: Pairing
  readonly work: Work
  readonly variant?: string | undefined
  readonly unit?: string
  readonly extraWarmUp?: number
}

export function flowCase({ pairing, work, variant, unit = 'msg/s', extraWarmUp = 0 }: FlowCase): Case {
  return {
    transport: work.transport,
    size: work.typed === true ? null : work.size,
    variant,
    flow: { pairing, work, extraWarmUp, unit },
    async measure(system, { warmUp, patience, window }) {
      const timing = { warmUp: warmUp + extraWarmUp, patience: patience + extraWarmUp, window }
      return figuresOf(await flow(system, pairing, work, timing), work.size, unit)
    },
  }
}

/** `unit`: of the steady rate; what stands behind "msg/s" names the variant, and the costs take it over. */
function figuresOf({ cold, steady, settled, costs }: Flow, size: number, unit: string): Figures {
  return {
    [unit]: steady,
    ...(size >= COLD_FROM ? { [`${unit}, first second`]: cold } : {}),
    ...Object.fromEntries(
      Object.entries(costs).flatMap(([end, cost]) => costFigures(end + unit.slice('msg/s'.length), cost)),
    ),
    ...(settled ? {} : { [UNSETTLED]: 1 }),
  }
}

/** Each for one message. */
function costFigures(of: string, { cpu, faults, heap }: Cost): [unit: string, figure: number][] {
  const figures: [string, number | undefined][] = [
    [`us CPU, ${of}`, cpu],
    [`page faults, ${of}`, faults],
    [`heap bytes, ${of}`, heap],
  ]
  return figures.filter((entry): entry is [string, number] => entry[1] !== undefined)
}

/** Whether a unit is what a message costs, and not what users see. */
export function isCost(unit: string): boolean {
  return /^(us CPU|page faults|heap bytes),/.test(unit)
}
