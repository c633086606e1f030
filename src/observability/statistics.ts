/** The statistics endpoint: a socket that answers whoever asks with the counters of other sockets. Open only where it was asked for. */
import { hostname } from 'node:os'
import { type CommonSettings, json, Reply, type Request, type RequestOptions, type Socket } from '../index.ts'
import { type SocketSnapshot, snapshotOf } from './snapshot.ts'

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

/**
 * Answers every question at `endpoint` with a `Snapshot` as JSON. Anybody who can reach it can read it: bind it to 127.0.0.1 or give
 * `security`. Keeps no process alive. Throws `AddressError`.
 */
export async function serveStatistics(
  endpoint: string,
  options: StatisticsOptions,
): Promise<StatisticsEndpoint> {
  const { sockets, name, security, authenticate } = options
  const reply = new Reply<unknown, Snapshot>({
    codec: json as never,
    unref: true,
    linger: 0,
    security,
    authenticate,
  })
  const listed = () => (typeof sockets === 'function' ? sockets() : sockets)
  const bound = await reply.bind(endpoint)
  void reply.serve(() => ({
    version: 1,
    host: hostname(),
    pid: process.pid,
    name,
    uptime: process.uptime(),
    sockets: Array.from(listed(), snapshotOf),
  }))
  const close = async () => {
    await reply.close()
  }
  return { endpoint: bound, close, [Symbol.asyncDispose]: close }
}

/** Asks a statistics endpoint. `request` is a Request of codec `json` that is connected to it. */
export async function readStatistics(
  request: Request<any, any>,
  options?: RequestOptions,
): Promise<Snapshot> {
  const answer: unknown = await request.request('stats', options)
  if (isSnapshot(answer)) return answer
  throw new TypeError('the answer is no snapshot of statistics; is this a statistics endpoint?')
}

function isSnapshot(value: unknown): value is Snapshot {
  const { version, sockets } = Object(value) as Partial<Snapshot>
  return version === 1 && Array.isArray(sockets)
}
