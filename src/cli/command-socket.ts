/** The socket of a command: binds, connects or finds its peers by name, tells of what happens, and closes in time. */
import { announce, type Discovery, follow, mdns } from '../discovery/index.ts'
import type { CommonSettings, Socket } from '../index.ts'
import { type StatisticsEndpoint, serveStatistics } from '../observability/index.ts'
import type { CommandRun } from './command-run.ts'
import { securityOf } from './curve.ts'
import { describeError, EXIT, ExitError, usage } from './exit.ts'
import type { PeerOptions } from './options.ts'

/** After Ctrl-C, what is queued has this long to leave. Milliseconds. */
const LAST_LINGER = 1000

/** Socket types that bind and announce themselves with `--name` alone; the others connect. */
const ANNOUNCERS = ['PULL', 'PUB', 'REP', 'ROUTER']
/** Lines about peers that do not fit: any number of peers can cause any number of them. */
const MAX_TOLD = 100
const STATISTICS = 'tcp://127.0.0.1:*'

export function settingsOf(options: PeerOptions): CommonSettings {
  const { hwm, routingId } = options
  return {
    ...securityOf(options),
    ...(hwm === undefined ? {} : { sendHighWaterMark: hwm, receiveHighWaterMark: hwm }),
    ...(routingId === undefined ? {} : { routingId }),
  }
}

/** Throws `ExitError` when no endpoint and no name is given. */
export function checkPeers({ bind, connect, name }: PeerOptions): void {
  if (bind ?? connect ?? name) return
  throw usage('no peer: give --bind, --connect or --name')
}

export class CommandSocket {
  readonly #run: CommandRun
  readonly #socket: Socket
  readonly #options: PeerOptions
  #discovery: Discovery | undefined
  #statistics: StatisticsEndpoint | undefined

  private constructor(run: CommandRun, socket: Socket, options: PeerOptions) {
    this.#run = run
    this.#socket = socket
    this.#options = options
  }

  static async start(run: CommandRun, socket: Socket, options: PeerOptions): Promise<CommandSocket> {
    const commandSocket = new CommandSocket(run, socket, options)
    commandSocket.#report()
    try {
      await commandSocket.#open()
    } catch (error) {
      await commandSocket.close(0)
      throw error
    }
    return commandSocket
  }

  /** Resolves once `count` peers are connected. Throws `ExitError` when that takes too long. */
  async connected(
    count: number,
    connected = (options: object) => this.#socket.connected(count, options),
  ): Promise<void> {
    const { timeout } = this.#options
    try {
      await connected({ signal: this.#run.signal, timeout })
    } catch (error) {
      if (this.#run.signal.aborted || timeout === undefined) throw error
      throw new ExitError(EXIT.timeout, `no peer within ${timeout / 1000} s`, { cause: error })
    }
  }

  /** Sends what is queued, in the time there is, and reports what could not be sent. */
  async close(
    linger = this.#run.signal.aborted ? LAST_LINGER : (this.#options.timeout ?? Infinity),
  ): Promise<void> {
    const closing = this.#socket.close({ linger })
    // Ctrl-C while we wait: the engine's linger cannot be shortened any more.
    const report = await Promise.race([closing, lastLinger(this.#run.signal)])
    await this.#statistics?.close()
    await this.#discovery?.[Symbol.asyncDispose]()
    const dropped = report?.dropped ?? this.#socket.stats().traffic.queued ?? 0
    if (dropped === 0) return
    this.#run.complain(
      new ExitError(EXIT.timeout, `${dropped} ${dropped === 1 ? 'message' : 'messages'} not sent`),
    )
  }

  async #open(): Promise<void> {
    const { bind = [], connect = [], name, stats } = this.#options
    const { type } = this.#socket.description
    const announces =
      name !== undefined && (bind.length > 0 || (connect.length === 0 && ANNOUNCERS.includes(type)))
    for (const endpoint of announces && bind.length === 0 ? ['tcp://*:*'] : bind) {
      const bound = await this.#socket.bind(endpoint, { signal: this.#run.signal })
      this.#run.tell(`bound ${bound}`, bound === endpoint ? 'verbose' : 'always')
    }
    for (const endpoint of connect) this.#socket.connect(endpoint)
    if (stats !== undefined) await this.#openStatistics(stats === true ? STATISTICS : stats)
    if (name !== undefined) this.#find(name, announces)
  }

  async #openStatistics(endpoint: string): Promise<void> {
    this.#statistics = await serveStatistics(endpoint, { sockets: [this.#socket], name: this.#options.name })
    this.#run.tell(`statistics at ${this.#statistics.endpoint}`, 'always')
  }

  #find(name: string, announces: boolean): void {
    const { interface: interfaces } = this.#options
    this.#discovery = mdns(interfaces === undefined ? {} : { interfaces })
    const tell = (error: Error) => this.#run.tell(describeError(error), 'always')
    const discovery = this.#discovery
    const { signal } = this.#run
    if (announces) {
      const meta = this.#statistics && { statistics: this.#statistics.endpoint }
      announce(this.#socket, name, { discovery, signal, meta }).on('error', tell)
      return
    }
    let mismatches = 0
    follow(this.#socket, name, { discovery, signal })
      .on('error', tell)
      .on('up', ({ service }) => this.#run.tell(`found ${service.endpoints.join(' ')}`))
      .on('mismatch', ({ service, differences }) => {
        const what = differences.map(({ property, ours, theirs }) => `${property} ${theirs}, not ${ours}`)
        if (mismatches++ < MAX_TOLD)
          this.#run.tell(`cannot talk to ${service.endpoints[0]}: ${what.join('; ')}`, 'always')
      })
  }

  #report(): void {
    const { events } = this.#socket
    /** The same refusal comes again with every attempt to dial. */
    const told = new Set<string>()
    events.on('handshake', ({ endpoint, peer }) => {
      told.clear()
      this.#run.tell(`connected: ${peer.socketType} ${peer.address} at ${endpoint}`)
    })
    events.on('handshake:failed', ({ endpoint, error }) => {
      const text = `${endpoint}: ${describeError(error)}`
      if (told.size >= MAX_TOLD || told.has(text)) return
      told.add(text)
      this.#run.tell(text, 'always')
    })
    events.on('connect:retry', ({ endpoint, attempt, error }) => {
      this.#run.tell(
        `${endpoint}: attempt ${attempt} failed: ${error === undefined ? 'closed' : describeError(error)}`,
      )
    })
    events.on('disconnect', ({ endpoint, possiblyLost }) => {
      this.#run.tell(`disconnected: ${endpoint}, possibly lost: ${possiblyLost}`)
    })
    events.on('message:invalid', ({ error, count }) => {
      this.#run.skip(error, count === 1 ? 'received: ' : `${count} messages received, the last: `)
    })
    events.on('message:dropped', ({ cause, count }) => {
      if (cause !== 'linger' && cause !== 'unread')
        this.#run.tell(`${count} messages dropped: ${cause}`, 'always')
    })
  }
}

/** Resolves a little later than the linger that Ctrl-C allows; for a close that began before with a longer one. */
function lastLinger(signal: AbortSignal): Promise<undefined> {
  return new Promise(resolve => {
    const wait = () => setTimeout(resolve, LAST_LINGER + 100, undefined).unref()
    if (signal.aborted) wait()
    else signal.addEventListener('abort', wait, { once: true })
  })
}
