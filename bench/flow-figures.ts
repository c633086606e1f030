/** The figures of a run of two ends that send and receive as fast as they go. */
import type { Cost } from './course.ts'
import type { Flow } from './exchange.ts'
import { type Figures, UNSETTLED } from './scenario.ts'

/** From this size on a run takes seconds to settle, and what the first one brings is a figure of its own. */
const COLD_FROM = 16 * 1024

/** `unit`: of the steady rate; what stands behind "msg/s" names the variant, and the costs take it over. */
export function figuresOf({ cold, steady, settled, costs }: Flow, size: number, unit = 'msg/s'): Figures {
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
