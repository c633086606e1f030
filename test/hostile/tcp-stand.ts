/** As the stand in memory, but over the kernel: a socket on a port of this machine, an honest peer, and raw sockets as strangers. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { ZmtpEngine } from '../../src/engine/zmtp/zmtp-engine.ts'
import { TypedMqError } from '../../src/errors.ts'
import { type Message, partsOf } from '../../src/message.ts'
import { completeOptions, type SocketOptions } from '../../src/options.ts'
import type { SocketType } from '../../src/socket-type.ts'
import { tcp } from '../../src/transport/tcp.ts'
import { type WholeSocket, whole } from '../support/whole.ts'
import { type MechanismUnderTest, securityOf } from './mechanisms.ts'
import { HONEST_PEER, type Victim } from './stand.ts'

const MARK = 'honest'

export class TcpStand implements AsyncDisposable {
  readonly socket: WholeSocket
  /** Errors of connections that were ended, in order; undefined for one that ended without. */
  readonly endings: (Error | undefined)[] = []
  readonly #engine = new ZmtpEngine([tcp])
  readonly #honest: WholeSocket
  readonly #victim: Victim
  readonly #strangers = new Set<Socket>()
  #port = 0
  #count = 0

  private constructor(victim: Victim, mechanism: MechanismUnderTest, options: Partial<SocketOptions>) {
    this.#victim = victim
    this.socket = this.#open(victim, mechanism, 'server', options)
    this.#honest = this.#open(HONEST_PEER[victim], mechanism, 'client', { routingId: MARK })
  }

  static async open(
    victim: Victim,
    mechanism: MechanismUnderTest = 'NULL',
    options: Partial<SocketOptions> = {},
  ): Promise<TcpStand> {
    const stand = new TcpStand(victim, mechanism, options)
    await stand.#prepare()
    return stand
  }

  /** Connects, says these bytes if any, and listens to nothing. */
  async stranger(bytes?: Uint8Array): Promise<Socket> {
    const socket = connect(this.#port, '127.0.0.1')
    this.#strangers.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#strangers.delete(socket))
    socket.resume()
    await once(socket, 'connect')
    if (bytes !== undefined) socket.write(bytes)
    return socket
  }

  /** Somebody comes, says these chunks, and goes. Resolves once the socket has forgotten it. */
  async visit(chunks: readonly Buffer[], leaves: boolean): Promise<void> {
    this.endings.length = 0
    const stranger = await this.stranger()
    const gone = new Promise(resolve => stranger.once('close', resolve))
    for (const chunk of chunks) if (stranger.writable) stranger.write(chunk)
    if (leaves) stranger.end()
    await this.serveHonestPeer()
    stranger.end()
    if (!stranger.closed) await gone
    while (this.endings.length === 0) await new Promise(resolve => setImmediate(resolve))
    const [error] = this.endings
    if (error !== undefined && !(error instanceof TypedMqError) && !('code' in error)) throw error
    if (this.endings.length > 1) throw new Error(`one stranger has ended ${this.endings.length} times`)
  }

  /** A message between the socket and its honest peer, in the direction that the pattern has. */
  async serveHonestPeer(): Promise<void> {
    const text = `${MARK} ${++this.#count}`
    const ours = this.#victim === 'PUB' || this.#victim === 'XPUB'
    const [from, to] = ours ? [this.socket, this.#honest] : [this.#honest, this.socket]
    await from.send(Buffer.from(text))
    let read: Message
    do read = await to.receive({ timeout: 20_000 })
    while (String(partsOf(read).at(-1)) !== text)
    if (ours) while (this.#victim === 'XPUB' && this.socket.tryReceive() !== undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stranger of this.#strangers) stranger.destroy()
    await this.#engine[Symbol.asyncDispose]()
  }

  #open(
    type: SocketType,
    mechanism: MechanismUnderTest,
    role: 'server' | 'client',
    options: Partial<SocketOptions>,
  ): WholeSocket {
    const core = { ...completeOptions({ linger: 0, ...options }), ...securityOf(mechanism, role) }
    return whole(this.#engine.open(type, core))
  }

  async #prepare(): Promise<void> {
    this.socket.events.on('handshake:failed', ({ error }) => this.endings.push(error))
    this.socket.events.on('disconnect', ({ error }) => this.endings.push(error))
    if (this.#victim === 'PUB') this.#honest.subscribe!(Buffer.from(MARK))
    const endpoint = await this.socket.bind('tcp://127.0.0.1:0')
    this.#port = Number(endpoint.split(':').at(-1))
    this.#honest.connect(endpoint)
    await Promise.all([this.socket.connected(1), this.#honest.connected(1)])
    if (this.#victim === 'XPUB') await this.#honest.send(Buffer.from(`\x01${MARK}`))
    if (HONEST_PEER[this.#victim].endsWith('SUB')) await this.socket.subscribed!(1, Buffer.from(MARK))
  }
}
