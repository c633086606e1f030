/** Request: asks, and waits for the answer. */
import type { Codec } from '../codec/codec.ts'
import { Decoder, Encoder, type Schema } from '../codec/schema.ts'
import { type CloseReport, isPending, type OperationOptions } from '../engine/engine.ts'
import { ClosedError, InvalidMessageError, OptionError, PeerLostError, TimeoutError } from '../errors.ts'
import type { Message } from '../message.ts'
import type { RequestOutcome } from '../outgoing-request.ts'
import { decodeFailure, isFailure } from './failure.ts'
import { PendingRequest, type PendingRequestOwner, type Try } from './pending-request.ts'
import { RequestQueue } from './request-queue.ts'
import { RequestSender } from './request-sender.ts'
import type { ValueEncoder } from './sending.ts'
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
export class Request<Q = unknown, A = unknown> extends Socket<'REQ'> {
  readonly #encoder: ValueEncoder<Q>
  readonly #decoder: Decoder<A>
  readonly #codec: AnyCodec
  readonly #socket = engineSocketOf(this)
  readonly #sender: RequestSender
  /** Of all requests that have no answer yet. */
  readonly #timeouts: Timeouts<PendingRequest>
  #listening = false

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
    this.#sender = new (settings.strict === true ? RequestQueue : RequestSender)(this.#socket)
    this.#timeouts = new Timeouts(request => this.#expired(request), settings.unref === true)
  }

  /**
   * Sends a request and resolves with its answer. Rejects with `TimeoutError`, `PeerLostError`, `RemoteError` (the handler
   * threw), `InvalidMessageError` (the request or the answer), `ClosedError`, or the signal's reason.
   */
  async request(value: Q, options: RequestOptions = {}): Promise<A> {
    const { timeout = TIMEOUT, retries = 0, signal } = options
    checkTimeout(timeout)
    checkRetries(retries)
    const since = this.#socket.sink.clock?.()
    const body = this.#encoder.encode(value)
    signal?.throwIfAborted()
    if (!this.#listening) this.#listen()
    const request = new PendingRequest(body, { timeout, retries, signal, since }, this.#owner)
    this.#timeouts.start(request)
    this.#sender.begin(request)
    return this.#read(await request.result)
  }

  /** Requests without an answer reject with `ClosedError`; what is queued of them is sent, as with any socket. */
  override close(options?: { readonly linger?: number | undefined }): Promise<CloseReport> {
    this.#failAll(new ClosedError())
    this.#timeouts.clear()
    return super.close(options)
  }

  readonly #owner: PendingRequestOwner = {
    ended: request => {
      this.#timeouts.stop(request)
      this.#sender.end(request)
    },
  }

  #expired(request: PendingRequest): void {
    if (this.#retry(request)) return
    const lonely = this.#socket.peerCount === 0 ? '; no peer is connected' : ''
    request.fail(new TimeoutError(`no answer within ${request.timeout} ms${lonely}`))
  }

  #retry(request: PendingRequest): boolean {
    if (request.retries === 0) return false
    request.retries--
    this.#timeouts.start(request)
    this.#sender.again(request)
    return true
  }

  #failAll(error: unknown): void {
    this.#sender.clear()
    for (const request of this.#timeouts) {
      // What is queued is still sent.
      request.endTry()
      request.fail(error)
    }
  }

  /** Reads outcomes until the socket is closed. */
  async #listen(): Promise<void> {
    this.#listening = true
    const source = this.#socket.consumer?.() ?? this.#socket.source
    try {
      for (;;) {
        const arrival = source.receive()
        this.#learned(isPending(arrival) ? await arrival : arrival)
      }
    } catch (error) {
      this.#failAll(error)
    }
  }

  /** The request may have been given up while its outcome was on its way to us. */
  #learned({ request: tried, body }: RequestOutcome): void {
    const request = (tried as Try).of
    if (request === undefined) return
    if (body !== undefined) request.answer(body)
    else if (!this.#retry(request))
      request.fail(new PeerLostError('the peer that was asked has gone before it answered'))
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
