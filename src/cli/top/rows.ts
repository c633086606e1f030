/** The table of `top`: a row for each socket, and one for each of its peers. Pure. */
import type { SocketSnapshot } from '../../observability/index.ts'
import { figure, short } from '../screen.ts'
import type { Reading } from './sources.ts'

export const SORTS = ['name', 'rate', 'queue', 'drops'] as const
export type Sort = (typeof SORTS)[number]

export const HEADINGS = [
  'NAME',
  'SOCKET',
  'PEER',
  'STATE',
  'OUT/S',
  'IN/S',
  'QUEUED',
  'WAITING',
  'DROPPED',
  'WAIT p99',
  'RTT',
]

export interface Row {
  readonly cells: readonly string[]
  readonly kind: 'socket' | 'peer' | 'error'
  /** Worth a second look: at its mark, or dropping. */
  readonly alarming: boolean
}

type Traffic = SocketSnapshot['traffic']

/** Rows of one source: it chooses how much it shows. */
const MAX_ROWS = 300

/** The first `most` rows, and how many there are. */
export function rowsOf(
  readings: readonly Reading[],
  sort: Sort,
  most = Number.POSITIVE_INFINITY,
): { readonly rows: readonly Row[]; readonly total: number } {
  const groups = readings.flatMap(groupsOf)
  if (sort !== 'name') groups.sort((a, b) => b.weight[sort] - a.weight[sort])
  else groups.sort((a, b) => a.name.localeCompare(b.name))
  const rows: Row[] = []
  let total = 0
  for (const { size, rowsUpTo } of groups) {
    total += size
    if (rows.length < most) rows.push(...rowsUpTo(most - rows.length))
  }
  return { rows, total }
}

/** A socket with its peers, or a source without. */
interface Group {
  readonly name: string
  readonly size: number
  readonly rowsUpTo: (most: number) => readonly Row[]
  readonly weight: Record<Exclude<Sort, 'name'>, number>
}

function groupsOf(reading: Reading): Group[] {
  const { endpoint, snapshot, previous, error } = reading
  if (snapshot === undefined) {
    const cells = [endpoint, '-', error ?? '', '-']
    const rows: Row[] = [{ cells, kind: 'error', alarming: true }]
    return [{ name: endpoint, size: 1, rowsUpTo: () => rows, weight: { rate: 0, queue: 0, drops: 0 } }]
  }
  const seconds = previous === undefined ? 0 : snapshot.uptime - previous.uptime
  const name = snapshot.name ?? `${snapshot.host}:${snapshot.pid}`
  let room = MAX_ROWS
  return snapshot.sockets.slice(0, MAX_ROWS).map((socket, index) => {
    const before = previous?.sockets[index]
    const rate = ratesOf(socket.traffic, before?.traffic, seconds)
    const count = socket.peers.length + (socket.unlisted ?? 0)
    const state = error ?? `${count} ${count === 1 ? 'peer' : 'peers'}`
    const shown = Math.max(0, Math.min(socket.peers.length, room - 1))
    room -= 1 + shown
    const rowsUpTo = (most: number) => {
      const earlier = new Map(before?.peers.map(peer => [peer.id, peer.traffic]))
      const peers = socket.peers.slice(0, Math.min(shown, most - 1))
      return [
        socketRow(
          [name, socket.type, socket.endpoints.join(' ') || '-', state],
          socket,
          rate.cells,
          error !== undefined || (socket.traffic.dropped ?? 0) > (before?.traffic.dropped ?? 0),
        ),
        ...peers.map(peer => peerRow(peer, earlier.get(peer.id), seconds)),
      ]
    }
    const weight = { rate: rate.total, queue: socket.traffic.queued ?? 0, drops: socket.traffic.dropped ?? 0 }
    return { name, size: 1 + socket.peers.length, rowsUpTo, weight }
  })
}

function socketRow(
  head: readonly string[],
  socket: SocketSnapshot,
  rates: readonly string[],
  alarming: boolean,
): Row {
  return {
    cells: [
      ...head,
      ...rates,
      count(socket.traffic.queued),
      count(socket.traffic.waiting),
      count(socket.traffic.dropped),
      milliseconds(longer(socket.sendDelay?.p99, socket.receiveDelay?.p99)),
      '',
    ],
    kind: 'socket',
    alarming,
  }
}

function peerRow(peer: SocketSnapshot['peers'][number], earlier: Traffic | undefined, seconds: number): Row {
  const { marks, traffic, state } = peer
  return {
    cells: [
      '',
      peer.socketType ?? '-',
      peer.routingId || peer.address || peer.endpoint,
      state ?? '-',
      ...ratesOf(traffic, earlier, seconds).cells,
      against(traffic.queued, marks?.send.messages),
      against(traffic.waiting, marks?.receive.messages),
      count(traffic.dropped),
      milliseconds(longer(peer.sendDelay?.p99, peer.receiveDelay?.p99)),
      milliseconds(peer.roundTrip),
    ],
    kind: 'peer',
    alarming: state === 'full' || state === 'paused',
  }
}

/** Nothing before the second reading: counters say how much, not how fast. */
function ratesOf(
  now: Traffic,
  before: Traffic | undefined,
  seconds: number,
): { cells: string[]; total: number } {
  const rate = (name: 'sent' | 'received') => {
    const [from, to] = [before?.[name], now[name]]
    return from === undefined || to === undefined || seconds <= 0
      ? undefined
      : Math.max(0, (to - from) / seconds)
  }
  const [sent, received] = [rate('sent'), rate('received')]
  return { cells: [count(sent), count(received)], total: (sent ?? 0) + (received ?? 0) }
}

function count(value: number | undefined): string {
  return value === undefined ? '-' : short(value)
}

/** JSON has no Infinity: a mark that is none arrives as null. */
function against(value: number | undefined, mark: number | null | undefined): string {
  return value === undefined || mark === undefined
    ? '-'
    : `${short(value)}/${mark === null ? '∞' : short(mark)}`
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '-' : `${figure(value)} ms`
}

function longer(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || (other !== undefined && other > one) ? other : one
}
