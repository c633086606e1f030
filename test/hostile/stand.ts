/** A socket that strangers come to, and an honest peer beside them: after every stranger the honest peer must still be served. */
import type { CoreOptions } from '../../src/engine/engine.ts'
import { ZmtpEngine } from '../../src/engine/zmtp/zmtp-engine.ts'
import { TypedMqError } from '../../src/errors.ts'
import { type Message, partsOf } from '../../src/message.ts'
import { completeOptions, type SocketOptions } from '../../src/options.ts'
import type { SocketType } from '../../src/socket-type.ts'
import { type MemoryConnection, MemoryNetwork, settled } from '../support/memory-transport.ts'
import { type WholeSocket, whole } from '../support/whole.ts'
import { type MechanismUnderTest, securityOf } from './mechanisms.ts'

/** Who may be visited, and whom it serves meanwhile. */
export const HONEST_PEER = {
  PULL: 'PUSH',
  SUB: 'PUB',
  XSUB: 'XPUB',
  PUB: 'SUB',
  XPUB: 'XSUB',
  ROUTER: 'DEALER',
  REP: 'REQ',
  DEALER: 'ROUTER',
  PAIR: 'PAIR',
} as const satisfies Partial<Record<SocketType, SocketType>>

export type Victim = keyof typeof HONEST_PEER

/** What became of one stranger. */
export interface Outcome {
  /** The messages that were received from it, as text; without the names that ROUTER and REP make up. */
  readonly received: readonly string[]
  /** Why it was sent away, or undefined if it was let be. */
  readonly violation: string | undefined
}

const QUIET = {
  linger: 0,
  heartbeatInterval: Infinity,
  handshakeTimeout: Infinity,
  routingId: 'me',
} satisfies Partial<SocketOptions>

/** These trace, so that strangers can meddle with that too. */
const TRACING: readonly Victim[] = ['PULL', 'XPUB', 'ROUTER', 'DEALER']

const MARK = 'honest'

export class Stand implements AsyncDisposable {
  readonly network = new MemoryNetwork()
  readonly #victim: Victim
  readonly #security: MechanismUnderTest
  readonly #engine = new ZmtpEngine([this.network.transport])
  readonly socket: WholeSocket
  readonly #honest: WholeSocket
  #endings: (Error | undefined)[] = []
  #count = 0

  private constructor(victim: Victim, security: MechanismUnderTest, options: Partial<SocketOptions>) {
    this.#victim = victim
    this.#security = security
    this.socket = this.open(victim, 'server', options)
    this.#honest = this.open(HONEST_PEER[victim], 'client', { routingId: MARK })
  }

  static async open(
    victim: Victim,
    security: MechanismUnderTest,
    options: Partial<SocketOptions> = {},
  ): Promise<Stand> {
    const stand = new Stand(victim, security, options)
    await stand.#prepare()
    return stand
  }

  open(type: SocketType, role: 'server' | 'client', options: Partial<SocketOptions> = {}): WholeSocket {
    const core: CoreOptions = {
      ...completeOptions({ ...QUIET, trace: TRACING.includes(this.#victim), ...options }),
      ...securityOf(this.#security, role),
    }
    return whole(this.#engine.open(type, core))
  }

  /** Somebody comes, says these chunks, and may leave. Throws what the socket throws, and what breaks a promise. */
  async visit(chunks: readonly Buffer[], leaves: boolean, dialled = false): Promise<Outcome> {
    this.#endings = []
    const stranger = dialled ? await this.#lure() : this.network.stranger('memory://victim')
    for (const chunk of chunks) if (chunk.length > 0) stranger.put(Buffer.from(chunk))
    await settled()
    const sentAway = !stranger.open
    if (leaves && !sentAway) stranger.handler.ended()
    const received = this.#receiveAll()
    await this.#serveHonestPeer()
    const violation = sentAway ? this.#violation() : undefined
    stranger.leave()
    await settled()
    if (dialled) this.socket.disconnect('memory://lure')
    if (this.#endings.length !== 1) throw new Error(`one stranger has ended ${this.#endings.length} times`)
    received.push(...this.#receiveAll())
    return { received, violation }
  }

  /** The same for a peer that is one of ours, whose connection is meddled with. Answers what was received from it. */
  async meet(options: {
    messages: readonly Message[]
    onDial: (near: MemoryConnection, far: MemoryConnection) => void
  }): Promise<readonly string[]> {
    this.#endings = []
    const peer = this.open(HONEST_PEER[this.#victim], 'client', { routingId: 'stranger' })
    this.network.onDial = (near, far) => {
      this.network.onDial = undefined
      options.onDial(near, far)
    }
    try {
      peer.connect('memory://victim')
      await settled()
      for (const message of options.messages) if (peer.peers.length > 0) this.#sendFrom(peer, message)
      await settled()
      const received = this.#receiveAll()
      await this.#serveHonestPeer()
      return received
    } finally {
      this.network.onDial = undefined
      await peer.close()
      await settled()
      this.#receiveAll()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine[Symbol.asyncDispose]()
  }

  async #prepare(): Promise<void> {
    this.socket.events.on('handshake:failed', ({ error }) => this.#endings.push(error))
    this.socket.events.on('disconnect', ({ error }) => this.#endings.push(error))
    if (this.socket.subscribe !== undefined && this.#victim !== 'XSUB') this.socket.subscribe(Buffer.alloc(0))
    if (this.#honest.subscribe !== undefined && this.#victim === 'PUB')
      this.#honest.subscribe(Buffer.from(MARK))
    await this.socket.bind('memory://victim')
    this.#honest.connect('memory://victim')
    await Promise.all([this.socket.connected(1), this.#honest.connected(1)])
    if (this.#victim === 'XPUB') await this.#honest.send(Buffer.from(`\x01${MARK}`))
    if (this.#victim === 'XSUB') await this.socket.send(Buffer.from(`\x01`))
    await settled()
    this.#receiveAll()
    await this.#serveHonestPeer()
  }

  async #lure(): Promise<MemoryConnection> {
    const { promise, resolve } = deferred<MemoryConnection>()
    const forget = this.network.lure('memory://lure', resolve)
    // What the victim writes goes nowhere; what arrives is put.
    let dialled: MemoryConnection | undefined
    this.network.onDial = near => {
      dialled = near
    }
    this.socket.connect('memory://lure')
    await promise
    this.network.onDial = undefined
    forget()
    await settled()
    return dialled!
  }

  /** A message between the socket and its honest peer, in the direction that the pattern has. */
  async #serveHonestPeer(): Promise<void> {
    const text = `${MARK} ${++this.#count}`
    const ours = this.#victim === 'PUB' || this.#victim === 'XPUB'
    const [from, to] = ours ? [this.socket, this.#honest] : [this.#honest, this.socket]
    if (!from.trySend(this.#honestMessage(text))) throw new Error('the honest peer cannot send any more')
    for (let turn = 0; turn < 3; turn++) {
      await settled()
      for (let read = to.tryReceive(); read !== undefined; read = to.tryReceive()) {
        if (String(partsOf(read).at(-1)) === text) return
      }
    }
    throw new Error('the honest peer is not served any more')
  }

  #honestMessage(text: string): Message {
    const body = Buffer.from(text)
    if (this.#victim === 'REP') {
      const id = Buffer.alloc(4)
      id.writeUInt32BE(this.#count)
      return [id, Buffer.alloc(0), body]
    }
    return this.#victim === 'DEALER' ? [Buffer.from('me'), body] : body
  }

  #sendFrom(peer: WholeSocket, message: Message): void {
    if (peer.type === 'SUB') peer.subscribe!(partsOf(message)[0]!)
    else if ((peer.type as SocketType) === 'ROUTER') peer.trySend([Buffer.from('me'), ...partsOf(message)])
    else peer.trySend(message)
  }

  #receiveAll(): string[] {
    const texts: string[] = []
    if (this.#victim === 'PUB') return texts
    const named = this.#victim === 'ROUTER' || this.#victim === 'REP'
    for (let read = this.socket.tryReceive(); read !== undefined; read = this.socket.tryReceive()) {
      const parts = partsOf(read).slice(named ? 1 : 0)
      const text = parts.map(part => Buffer.from(part).toString('latin1')).join('|')
      if (!text.includes(MARK)) texts.push(text)
    }
    return texts
  }

  /** The one event that tells why a connection was ended by us. */
  #violation(): string {
    if (this.#endings.length !== 1) throw new Error(`${this.#endings.length} events tell of one stranger`)
    const [error] = this.#endings
    if (!(error instanceof TypedMqError) || error.message === '')
      throw new Error(`no event names the violation, but ${error}`)
    return error.message
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>(done => {
    resolve = done
  })
  return { promise, resolve }
}
