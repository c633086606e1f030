/** A broker in one call: moves whole messages between two sockets, untouched, in both directions where the patterns have them. */
import { Addressed } from '../addressed.ts'
import { type EngineSocket, isPending, type Source } from '../engine/engine.ts'
import { ClosedError, InvalidMessageError, MessageSizeError, StateError, UnroutableError } from '../errors.ts'
import type { PlainType } from '../exchanged.ts'
import type { Message } from '../message.ts'
import type { SocketType } from '../socket-type.ts'
import type { Dealer } from './dealer.ts'
import type { Pair } from './pair.ts'
import type { Publisher } from './pub-sub.ts'
import type { Pull, Push } from './push-pull.ts'
import type { Router } from './router.ts'
import { engineSocketOf, type Socket } from './socket.ts'
import type { XPublisher, XSubscriber } from './xpub-xsub.ts'

export interface ProxyOptions {
  /** Also gets every message, in both directions; when it is full the proxy waits for it. */
  readonly capture?: Push<any> | Pair<any, any> | Dealer<any, any> | Publisher<any, any> | undefined
  /** Ends the proxy; the sockets stay open. */
  readonly signal?: AbortSignal | undefined
}

type EndType = PlainType | 'ROUTER'

/** Which sockets go together, and whether messages flow from the second to the first too. */
const PAIRS: readonly {
  readonly front: SocketType
  readonly back: SocketType
  readonly bothWays: boolean
}[] = [
  { front: 'ROUTER', back: 'DEALER', bothWays: true },
  { front: 'XSUB', back: 'XPUB', bothWays: true },
  { front: 'PULL', back: 'PUSH', bothWays: false },
]

/**
 * Passes messages on until the signal aborts or either socket is closed; then resolves. A socket that has no room holds up the
 * one it is fed from. Contracts and codecs are not consulted. An answer whose asker has gone is dropped.
 */
export function proxy(front: Router<any, any>, back: Dealer<any, any>, options?: ProxyOptions): Promise<void>
export function proxy(
  front: XSubscriber<any, any>,
  back: XPublisher<any, any>,
  options?: ProxyOptions,
): Promise<void>
export function proxy(front: Pull<any>, back: Push<any>, options?: ProxyOptions): Promise<void>
export async function proxy(
  front: Socket<EndType>,
  back: Socket<EndType>,
  options: ProxyOptions = {},
): Promise<void> {
  const [one, other] = [engineSocketOf(front), engineSocketOf(back)]
  const pair = PAIRS.find(({ front, back }) => front === one.type && back === other.type)
  if (pair === undefined) {
    const known = PAIRS.map(({ front, back }) => `${front} and ${back}`).join(', ')
    throw new StateError(
      `a proxy cannot stand between ${one.type} and ${other.type}; it can between ${known}`,
    )
  }
  const capture = options.capture && engineSocketOf(options.capture)
  const ended = new AbortController()
  const signal = options.signal === undefined ? ended.signal : AbortSignal.any([ended.signal, options.signal])
  const relays = [new Relay(one, other, capture, signal).run()]
  if (pair.bothWays) relays.push(new Relay(other, one, capture, signal).run())
  try {
    await Promise.race(relays)
  } finally {
    ended.abort()
    await Promise.allSettled(relays)
  }
}

/** A socket that a proxy knows. A ROUTER's messages go through it with the routing id in front. */
type End = EngineSocket<EndType>

/** One direction. */
class Relay {
  readonly #from: Source<Message | Addressed>
  readonly #to: End
  readonly #capture: End | undefined
  readonly #signal: AbortSignal
  /** Ends the latest wait for room. */
  #giveUp: (() => void) | undefined

  constructor(from: End, to: End, capture: End | undefined, signal: AbortSignal) {
    this.#from = from.consumer?.() ?? from.source
    this.#to = to
    this.#capture = capture
    this.#signal = signal
    // One listener for all messages: whatever waits on the signal itself would be kept until the proxy ends.
    signal.addEventListener('abort', () => this.#giveUp?.(), { once: true })
  }

  /** Receives the next message only when the last one is gone: this is the back-pressure. */
  async run(): Promise<void> {
    try {
      while (!this.#signal.aborted) {
        const arrival = this.#from.receive({ signal: this.#signal })
        const received = isPending(arrival) ? await arrival : arrival
        const message = received instanceof Addressed ? received.whole : received
        if (this.#capture !== undefined) await this.#put(message, this.#capture)
        await this.#put(message, this.#to)
      }
    } catch (error) {
      if (!(error instanceof ClosedError) && !this.#signal.aborted) throw error
    }
  }

  /**
   * Resolves once the socket has taken the message, or the proxy ends: then the message, which is sent without the signal,
   * is not lost but leaves when there is room. What is for a peer that has gone, or is full, is dropped; so is what the
   * socket refuses as it stands, for no peer may end the proxy.
   */
  async #put(whole: Message, socket: End): Promise<void> {
    const message = socket.type === 'ROUTER' ? Addressed.from(whole) : whole
    try {
      if (!socket.sink.trySend(message)) await this.#taken(socket.sink.send(message))
    } catch (error) {
      const cause = causeOf(error)
      if (cause === undefined) throw error
      socket.events.emit('message:dropped', { cause, count: 1, peer: undefined })
    }
  }

  /** Resolves with the send, or when the proxy ends. */
  #taken(sent: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#giveUp = resolve
      sent.then(resolve, reject)
      if (this.#signal.aborted) resolve()
    })
  }
}

/** Why a message goes nowhere; undefined when the socket itself is at fault. */
function causeOf(error: unknown): 'no-peer' | 'malformed' | undefined {
  if (error instanceof UnroutableError) return 'no-peer'
  return error instanceof InvalidMessageError || error instanceof MessageSizeError ? 'malformed' : undefined
}
