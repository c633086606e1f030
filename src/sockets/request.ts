/** Request: asks, and waits for the answer. */
import type { Codec } from '../codec/codec.ts'
import { Decoder, Encoder, type Schema } from '../codec/schema.ts'
import { Digest } from '../engine/digest.ts'
import { type CloseReport, isPending, type OperationOptions, type SocketStats } from '../engine/engine.ts'
import { ClosedError, InvalidMessageError, OptionError, PeerLostError, TimeoutError } from '../errors.ts'
import type { Message } from '../message.ts'
import { Call, type CallOwner } from './call.ts'
import { decodeFailure, isFailure } from './failure.ts'
import { InLine, type Lane, SideBySide } from './lane.ts'
import type { Encodes } from './sender.ts'
import { type AnyCodec, codecIn, type DealSettings, type Some, schemaIn } from './settings.ts'
import { engineSocketOf, Socket } from './socket.ts'
import { Timeouts } from './timeouts.ts'

/** What a Request takes besides its contract. */
export type RequestSettings = DealSettings & Some<'strict'>

export interface RequestOptions extends OperationOptions {
  /** Milliseconds each try may take, waiting to be sent included. Default 30,000; Infinity waits for ever. */
  readonly timeout?: number | undefined
  /** Further tries after a time-out or the loss of the peer; each may reach another peer, and do the work again. Default 0. */
  readonly retries?: number | undefined
}

const TIMEOUT = 30_000

/** Asks Replies and Routers, any number of requests in flight. The contract is `{ request, answer, codec }`, the same as at the answering end. */
export class Request<Q = unknown, A = unknown> extends Socket {
  readonly #encoder: Encodes<Q>
  readonly #decoder: Decoder<A>
  readonly #codec: AnyCodec
  readonly #socket = engineSocketOf(this)
  readonly #lane: Lane
  readonly #timeouts: Timeouts<Call>
  #listening = false
  #late = 0
  readonly #lateDigest = new Digest<never>(count => {
    this.events.emit('message:dropped', { cause: 'late-answer', count, peer: undefined })
  })

  constructor(
    settings: RequestSettings & {
      readonly codec: Codec<Q> & Codec<A>
      readonly request?: undefined
      readonly answer?: undefined
    },
  )
  constructor(
    settings?: RequestSettings & {
      readonly request?: Schema<Q, unknown> | undefined
      readonly answer?: Schema<unknown, A> | undefined
      readonly codec?: AnyCodec | undefined
    },
  )
  constructor(settings: RequestSettings = {}) {
    const codec = codecIn(settings)
    const encoder = new Encoder<Q>(codec, schemaIn(settings, 'request'))
    const decoder = new Decoder<A>(codec, schemaIn(settings, 'answer'))
    super({ type: 'REQ', own: ['request', 'answer', 'codec'] }, settings)
    this.#codec = codec
    this.#encoder = encoder
    this.#decoder = decoder
    this.#lane = settings.strict === true ? new InLine(this.#socket) : new SideBySide(this.#socket)
    this.#timeouts = new Timeouts(call => this.#expired(call), settings.unref === true)
    this.#socket.lost = message => this.#lost(message)
  }

  /**
   * Sends a request and resolves with its answer. Rejects with `TimeoutError`, `PeerLostError`, `RemoteError` (the handler
   * threw), `InvalidMessageError` (the request or the answer), `ClosedError`, or the signal's reason.
   */
  async request(value: Q, options: RequestOptions = {}): Promise<A> {
    const { timeout = TIMEOUT, retries = 0, signal } = options
    checkTimeout(timeout)
    checkRetries(retries)
    const since = this.#socket.clock?.()
    const body = this.#encoder.encode(value)
    signal?.throwIfAborted()
    if (!this.#listening) this.#listen()
    const call = new Call(body, { timeout, retries, signal, since }, this.#owner)
    this.#timeouts.start(call)
    this.#lane.begin(call)
    return this.#read(await call.result)
  }

  /** Requests without an answer reject with `ClosedError`; what is queued of them is sent, as with any socket. */
  override close(options?: { readonly linger?: number | undefined }): Promise<CloseReport> {
    const error = new ClosedError()
    for (const call of this.#lane.drain()) call.fail(error)
    this.#timeouts.clear()
    this.#lateDigest.close()
    return super.close(options)
  }

  override stats(): SocketStats {
    const stats = super.stats()
    if (this.#late === 0) return stats
    const { dropped, traffic } = stats
    return {
      ...stats,
      dropped: { ...dropped, 'late-answer': (dropped['late-answer'] ?? 0) + this.#late },
      traffic: { ...traffic, dropped: (traffic.dropped ?? 0) + this.#late },
    }
  }

  readonly #owner: CallOwner = {
    aborted: (call, reason) => {
      this.#lane.withdraw(call)
      call.fail(reason)
    },
    ended: call => this.#timeouts.stop(call),
  }

  #expired(call: Call): void {
    if (this.#retry(call)) return
    this.#lane.withdraw(call)
    const lonely = this.#socket.peerCount === 0 ? '; no peer is connected' : ''
    call.fail(new TimeoutError(`no answer within ${call.timeout} ms${lonely}`))
  }

  #retry(call: Call): boolean {
    if (call.retries === 0) return false
    call.retries--
    this.#timeouts.start(call)
    this.#lane.again(call)
    return true
  }

  #lost(message: Message): void {
    const call = this.#lane.callOf(message)
    if (call === undefined || this.#retry(call)) return
    this.#lane.withdraw(call)
    call.fail(new PeerLostError('the peer that was asked has gone before it answered'))
  }

  /** Reads answers until the socket is closed. */
  async #listen(): Promise<void> {
    this.#listening = true
    const source = this.#socket.consumer?.() ?? this.#socket
    try {
      for (;;) {
        const arrival = source.receive()
        this.#answered(isPending(arrival) ? await arrival : arrival)
      }
    } catch (error) {
      for (const call of this.#lane.drain()) call.fail(error)
    }
  }

  /** Our own engine drops late answers itself; another may not. */
  #answered(message: Message): void {
    const answered = this.#lane.answered(message)
    if (answered !== undefined) {
      answered.call.answer(answered.body)
      return
    }
    this.#late++
    this.#lateDigest.add(1, undefined)
  }

  #read(answer: Message): A {
    try {
      if (isFailure(answer)) throw decodeFailure(answer, this.#codec)
      return this.#decoder.decode(answer)
    } catch (error) {
      if (error instanceof InvalidMessageError) this.skip(error)
      throw error
    }
  }
}

function checkTimeout(timeout: number): void {
  if (timeout === Infinity || (timeout >= 0 && timeout < 2 ** 31)) return
  throw new OptionError(
    'timeout',
    `timeout is ${timeout}; it must be milliseconds from 0 to 2147483647, or Infinity`,
  )
}

function checkRetries(retries: number): void {
  if (retries === Infinity || (Number.isInteger(retries) && retries >= 0)) return
  throw new OptionError(
    'retries',
    `retries is ${retries}; it must be a whole number of at least 0, or Infinity`,
  )
}
