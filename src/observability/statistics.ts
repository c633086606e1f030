/** The statistics endpoint: a socket that answers whoever asks with the counters of other sockets. Open only where it was asked for. */
import { hostname } from 'node:os'
import {
  type Codec,
  type CommonSettings,
  InvalidMessageError,
  json,
  type Message,
  partsOf,
  Reply,
  type Request,
  type RequestOptions,
  type Socket,
} from '../index.ts'
import { MAX_LISTED, type SocketSnapshot, snapshotsOf } from './snapshot.ts'
import { readSnapshot } from './snapshot-shape.ts'

/** What a statistics endpoint answers. */
export interface Snapshot {
  readonly version: 1
  readonly host: string
  readonly pid: number
  /** What the program calls itself. */
  readonly name?: string | undefined
  /** Seconds. */
  readonly uptime: number
  readonly sockets: readonly SocketSnapshot[]
}

export interface StatisticsOptions extends Pick<CommonSettings, 'security' | 'authenticate'> {
  /** Those to tell of; a function is asked each time. Closed ones may stay. */
  readonly sockets: Iterable<Socket> | (() => Iterable<Socket>)
  readonly name?: string | undefined
}

export interface StatisticsEndpoint extends AsyncDisposable {
  /** The real one. */
  readonly endpoint: string
  close(): Promise<void>
}

/** Bytes of a snapshot, and so of any message here: 1,000 peers take 0.5 MB, and long names three times that. */
export const MAX_SNAPSHOT = 2 * 1024 * 1024
/** Bytes of a question. What it says is never read. */
const MAX_QUESTION = 4 * 1024
/** Of the time, snapshots take this part at most: a question that comes sooner has the same answer as the last. */
const SHARE = 0.1

/** What the port of a statistics endpoint may cost, whoever asks. */
const LIMITS = {
  maxMessageSize: MAX_SNAPSHOT,
  maxParts: 16,
  maxHandshakes: 100,
  receiveHighWaterMark: 16,
  receiveHighWaterMarkBytes: 64 * 1024,
  sendHighWaterMark: 4,
}

/** Questions are not parsed, answers are encoded already. */
const ANSWERS: Codec<any> = {
  name: 'json',
  encode: answer => (answer instanceof Uint8Array ? answer : json.encode(answer)),
  decode(message: Message) {
    const size = partsOf(message).reduce((sum, part) => sum + part.length, 0)
    if (size > MAX_QUESTION)
      throw new InvalidMessageError(`a question of ${size} bytes; at most ${MAX_QUESTION} are read`)
    return undefined
  },
}

/**
 * Answers every question at `endpoint` with a `Snapshot` as JSON. Anybody who can reach it can read it: bind it to 127.0.0.1 or give
 * `security`. Keeps no process alive. Throws `AddressError`.
 */
export async function serveStatistics(
  endpoint: string,
  options: StatisticsOptions,
): Promise<StatisticsEndpoint> {
  const { sockets, name, security, authenticate } = options
  const reply = new Reply<unknown, Uint8Array>({
    ...LIMITS,
    codec: ANSWERS,
    unref: true,
    linger: 0,
    security,
    authenticate,
  })
  const listed = () => [...(typeof sockets === 'function' ? sockets() : sockets)]
  const bound = await reply.bind(endpoint)
  const about = { version: 1, host: hostname(), pid: process.pid, name } as const
  const newest = paced(() => encoded(about, listed()))
  void reply.serve(newest)
  const close = async () => {
    await reply.close()
  }
  return { endpoint: bound, close, [Symbol.asyncDispose]: close }
}

type About = Pick<Snapshot, 'version' | 'host' | 'pid' | 'name'>

/** Lists fewer peers where their names are so long that the snapshot would be. */
function encoded(about: About, sockets: readonly Socket[]): Uint8Array {
  for (let most = MAX_LISTED; ; most = Math.floor(most / 2)) {
    const snapshot: Snapshot = { ...about, uptime: process.uptime(), sockets: snapshotsOf(sockets, most) }
    const bytes = json.encode(snapshot) as Uint8Array
    if (bytes.length <= MAX_SNAPSHOT - MAX_QUESTION || most === 0) return bytes
  }
}

/** `make`, whose last result is given again for nine times as long as it took. */
function paced<T>(make: () => T): () => T {
  let last: { readonly result: T; readonly until: number } | undefined
  return () => {
    const started = performance.now()
    if (last !== undefined && started < last.until) return last.result
    const result = make()
    const now = performance.now()
    last = { result, until: now + (now - started) * (1 / SHARE - 1) }
    return result
  }
}

/**
 * Asks a statistics endpoint. `request` is a Request of codec `json` that is connected to it; with `maxMessageSize` of 2 MiB, no more
 * than a snapshot takes, when the endpoint is not trusted. Throws `TypeError` when the answer is not a snapshot.
 */
export async function readStatistics(
  request: Request<any, any>,
  options?: RequestOptions,
): Promise<Snapshot> {
  return readSnapshot(await request.request('stats', options)) as Snapshot
}
