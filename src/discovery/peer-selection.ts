/** Which of the known peers to connect to: RFC 2782's priorities and weights, for clients that may hold several connections. */

export interface SelectablePeer {
  readonly priority: number
  /** From `drawFor`; drawn once, so that the choice is stable. */
  readonly draw: number
  readonly live: boolean
  /** It was dialled, and did not answer. */
  readonly failing: boolean
  /** It is dialled or connected to now. */
  readonly dialled?: boolean
  /** Who announces it; undefined where that is the provider itself, which has bounds of its own. */
  readonly source?: string | undefined
}

/** How many may be dialled or connected to. */
export interface Bounds {
  readonly total: number
  readonly perSource: number
}

/**
 * Those within the bounds, and how many each source has beyond its own. Where the total is too small, every source has one before
 * any has two. Within a source one that is dialled keeps its place, also when it fails: else a liar could have us dial any number in turn.
 */
export function withinBounds<P extends SelectablePeer>(
  peers: Iterable<P>,
  { total, perSource }: Bounds,
): { readonly chosen: P[]; readonly excess: Map<string, number>; readonly left: number } {
  const ranks = new Map<P, number>()
  const counts = new Map<string, number>()
  const inLine = [...peers].sort((a, b) => holds(b) - holds(a) || a.draw - b.draw)
  for (const peer of inLine) {
    const { source } = peer
    const rank = source === undefined ? 0 : (counts.get(source) ?? 0)
    if (source !== undefined) counts.set(source, rank + 1)
    if (rank < perSource) ranks.set(peer, rank)
  }
  const fair = [...ranks.keys()].sort(
    (a, b) =>
      Number(b.live) - Number(a.live) ||
      ranks.get(a)! - ranks.get(b)! ||
      Number(a.failing) - Number(b.failing),
  )
  const excess = new Map([...counts].filter(([, count]) => count > perSource))
  return { chosen: fair.slice(0, total), excess, left: Math.max(0, fair.length - total) }
}

function holds({ live, dialled = false }: SelectablePeer): number {
  return live ? 2 : Number(dialled)
}

/**
 * Sorts like RFC 2782's repeated drawing: the chance to come first is proportional to the weight.
 * (The smallest of exponential variables with these rates. Weight 0 "should have a very small chance": a hundredth of 1.)
 */
export function drawFor(weight: number, random = Math.random()): number {
  return -Math.log(1 - random) / (weight > 0 ? weight : 0.01)
}

/**
 * All of the lowest priority number that can be reached, at most `limit`. Those that fail go on being dialled but do not count,
 * so that the next in line stand in for them. A live one is not exchanged for another of its priority.
 */
export function select<P extends SelectablePeer>(peers: Iterable<P>, limit: number): Set<P> {
  const inLine = [...peers].sort(
    (a, b) => a.priority - b.priority || Number(b.live) - Number(a.live) || a.draw - b.draw,
  )
  const chosen = new Set<P>()
  let usable = 0
  let priority: number | undefined
  for (const peer of inLine) {
    if (usable >= limit || (usable > 0 && peer.priority !== priority)) break
    priority = peer.priority
    chosen.add(peer)
    if (!peer.failing) usable++
  }
  return chosen
}

/** Whether live peers that are not chosen (any more) can go: those that were chosen do the work. */
export function settled(chosen: ReadonlySet<SelectablePeer>, limit: number): boolean {
  let live = 0
  for (const peer of chosen) if (peer.live) live++
  return live > 0 && live >= Math.min(limit, chosen.size)
}
