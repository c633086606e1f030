/** What else the machine does while we measure, from Linux's /proc: the time its host steals, and the load of other processes. */
import { readFileSync } from 'node:fs'

/** Shares of the machine's processor time, from 0 to 1. */
export interface Load {
  readonly steal: number
  readonly foreign: number
}

/** A quiet machine: neither is above this. */
export const QUIET = 0.05

/** Ticks of all processors since the machine started, as /proc/stat counts them: in all, not idle, and stolen. */
interface Ticks {
  readonly total: number
  readonly busy: number
  readonly steal: number
}

/** Milliseconds of a tick: USER_HZ is 100 on every Linux that Node runs on. */
const TICK = 10

export class Observer {
  readonly #living = new Set<number>()
  /** Ticks of those that were told to end and are not known to have; afterwards the system counts them as our children's. */
  readonly #ending = new Map<number, number>()

  /** Undefined where there is no /proc. */
  static create(): Observer | undefined {
    try {
      readTicks()
      return new Observer()
    } catch {
      return undefined
    }
  }

  /** A process whose load is ours. */
  joined(pid: number): void {
    this.#living.add(pid)
  }

  /** It is about to be ended. */
  leaves(pid: number): void {
    if (this.#living.delete(pid)) this.#ending.set(pid, ticksOf(pid).own)
  }

  /** It has ended. */
  ended(pid: number): void {
    this.#living.delete(pid)
    this.#ending.delete(pid)
  }

  /** Begins to watch; the function that is returned tells the load since then. */
  watch(): () => Load {
    const before = readTicks()
    const own = this.#own()
    return () => {
      const after = readTicks()
      return loadBetween(before, after, this.#own() - own)
    }
  }

  #own(): number {
    const { user, system } = process.cpuUsage()
    let ticks = ticksOf(process.pid).children + (user + system) / 1000 / TICK
    for (const pid of this.#living) ticks += ticksOf(pid).own
    for (const own of this.#ending.values()) ticks += own
    return ticks
  }
}

export function loadBetween(before: Ticks, after: Ticks, own: number): Load {
  const total = Math.max(1, after.total - before.total)
  return {
    steal: (after.steal - before.steal) / total,
    // Ticks of a process and of the machine are not counted at the same moment.
    foreign: Math.max(0, after.busy - before.busy - own) / total,
  }
}

/** proc(5), "/proc/stat": user nice system idle iowait irq softirq steal; guest time is in user already. */
export function readTicks(text = readFileSync('/proc/stat', 'utf8')): Ticks {
  const [user, nice, system, idle, iowait, irq, softirq, steal] = text
    .split('\n', 1)[0]!
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number) as [number, number, number, number, number, number, number, number]
  const busy = user + nice + system + irq + softirq
  return { total: busy + idle + iowait + steal, busy, steal }
}

/**
 * Of a process, and of its children that have ended: proc(5), "/proc/PID/stat", fields 14 to 17, counted behind the name, which
 * may hold anything. Zero for a process that has ended.
 */
function ticksOf(pid: number): { readonly own: number; readonly children: number } {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return {
      own: Number(fields[11]) + Number(fields[12]),
      children: Number(fields[13]) + Number(fields[14]),
    }
  } catch {
    return { own: 0, children: 0 }
  }
}

/** The one of this run; undefined where the load cannot be seen. */
export const observer = Observer.create()
