/** What every receiving socket is: waiting calls, try-calls, batches, iteration and a stream over one engine socket. */
import type { ReadableStream, ReadableStreamDefaultController } from 'node:stream/web'
import type { Addressed } from '../addressed.ts'
import {
  type Consumer,
  type EngineSocket,
  isPending,
  type OperationOptions,
  type Source,
} from '../engine/engine.ts'
import { ClosedError, InvalidMessageError, OptionError } from '../errors.ts'
import type { Incoming } from '../exchanged.ts'
import { byteLengthOf, type Frame, type Message } from '../message.ts'
import type { SocketType } from '../socket-type.ts'
import { YieldBudget } from '../yield-budget.ts'
import type { CommonSettings } from './settings.ts'
import { engineSocketOf, Socket, type SocketDefinition } from './socket.ts'

/** Stands for a message that is not to be received. */
export const SKIPPED = Symbol('skipped')

/** Bytes of messages that one batch takes. Decoded, 22 KB may be 70 MB (measured), and a peer chooses how many messages are here. */
const BATCH = 64 * 1024

/**
 * What a skipped message costs of the budget of a turn, besides its bytes. A hundred messages that do not decode take 1 to
 * 6 ms; a thousand topics that the subscriber does not want, less than one.
 */
const PER_INVALID = 10 * 1024
const PER_UNWANTED = 1024

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** All but REQ, whose outcomes are no values of their own. */
type ReceivingType = Exclude<SocketType, 'REQ'>

export abstract class ReceivingSocket<T, Type extends ReceivingType = ReceivingType>
  extends Socket<Type>
  implements AsyncIterable<T>
{
  readonly #socket: EngineSocket<Type>
  /** While tracing: all calls are one consumer's, loops are others. */
  readonly #consumer: Consumer<Incoming<Type>> | undefined
  readonly #source: Source<Incoming<Type>>
  /** Spent on messages that are skipped. Values yield by themselves, when their loop waits. */
  readonly #budget = new YieldBudget(() => {})

  constructor(definition: SocketDefinition<Type>, settings: CommonSettings) {
    super(definition, settings)
    this.#socket = engineSocketOf(this)
    this.#consumer = this.#socket.consumer?.()
    this.#source = this.#consumer ?? this.#socket.source
  }

  /** The value of a message. An `InvalidMessageError` is counted, and the message skipped. */
  protected abstract decode(message: Incoming<Type>): T | typeof SKIPPED

  /** The next value. Any number of calls may wait; they are served in order. */
  receive(options?: OperationOptions): Promise<T> {
    return this.receiveFrom(this.#source, options)
  }

  /** The next value if it is here, else undefined; also when too much had to be skipped in this turn to look further. */
  tryReceive(): T | undefined {
    const value = this.#tryReceive()
    return value === SKIPPED ? undefined : value
  }

  /** Waits for a value, then takes what is here, up to `max` in all; of more than 64 KiB less, for its values are in memory together. */
  receiveMany(max: number, options?: OperationOptions): Promise<T[]> {
    if (!(max >= 1)) {
      return Promise.reject(new OptionError('max', `receiveMany(${max}): max must be at least 1`))
    }
    return this.receive(options).then(first => {
      const values = [first]
      let room = BATCH
      while (values.length < max && room > 0 && !this.#budget.spent) {
        const message = this.#consumer === undefined ? this.#source.tryReceive() : this.#consumer.tryMore()
        if (message === undefined) break
        room -= sizeOf(message)
        const value = this.#accept(message)
        if (value !== SKIPPED) values.push(value)
      }
      return values
    })
  }

  /** Values until the socket is closed. Leaving the loop does not close it; several loops share what comes. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    let left = false
    const consumer = this.#socket.consumer?.()
    const source = consumer ?? this.#socket.source
    const iterator: AsyncIterableIterator<T> = {
      next: () => {
        if (left) return Promise.resolve(DONE)
        try {
          // What is here comes without a look at whether it is a promise: a twelfth of an inproc message's time.
          const message = source.tryReceive()
          const value = message === undefined ? SKIPPED : this.#accept(message)
          return value === SKIPPED ? this.#nextLater(source) : Promise.resolve({ done: false, value })
        } catch (error) {
          return error instanceof ClosedError ? Promise.resolve(DONE) : Promise.reject(error)
        }
      },
      return: () => {
        left = true
        consumer?.done()
        return Promise.resolve(DONE)
      },
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }

  /** A new stream of values, which ends when the socket is closed. Cancelling it does not close the socket, and loses no value. */
  get readable(): ReadableStream<T> {
    const cancelled = new AbortController()
    // The global one: it is loaded at its first use.
    return new globalThis.ReadableStream<T>(
      {
        pull: stream => this.#feed(stream, cancelled.signal),
        cancel: reason => cancelled.abort(reason),
      },
      { highWaterMark: 0 },
    )
  }

  /** `receive` for one consumer. */
  protected receiveFrom(source: Source<Incoming<Type>>, options: OperationOptions | undefined): Promise<T> {
    const arrival = source.receive(options)
    if (isPending(arrival)) return this.#receiveLater(source, arrival, options)
    try {
      const value = this.#accept(arrival)
      return value === SKIPPED ? this.#receiveLater(source, undefined, options) : Promise.resolve(value)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #accept(message: Incoming<Type>): T | typeof SKIPPED {
    try {
      const value = this.decode(message)
      if (value === SKIPPED) this.#budget.spend(sizeOf(message), PER_UNWANTED)
      return value
    } catch (error) {
      if (!(error instanceof InvalidMessageError)) throw error
      this.#budget.spend(sizeOf(message), PER_INVALID)
      this.skip(error)
      return SKIPPED
    }
  }

  /** The next value goes into the stream on the stack of its arrival: if it waited in a promise, a cancel meanwhile would lose it. */
  async #feed(stream: ReadableStreamDefaultController<T>, signal: AbortSignal): Promise<void> {
    let fed = false
    const arrived = (message: Incoming<Type>) => {
      try {
        const value = this.#accept(message)
        if (value === SKIPPED) return
        stream.enqueue(value)
      } catch (error) {
        stream.error(error)
      }
      fed = true
    }
    try {
      while (!fed) {
        if (this.#budget.spent) await nextTurn()
        const arrival = this.#source.receive({ signal, arrived })
        if (isPending(arrival)) await arrival
        else arrived(arrival)
      }
    } catch (error) {
      if (error instanceof ClosedError) stream.close()
      else if (!signal.aborted) throw error
    }
  }

  /** A loop, as what is skipped may never end; the caller's time goes on meanwhile. */
  async #receiveLater(
    source: Source<Incoming<Type>>,
    first: Promise<Incoming<Type>> | undefined,
    options: OperationOptions | undefined,
  ): Promise<T> {
    const end = options?.timeout === undefined ? undefined : performance.now() + options.timeout
    for (let arrival = first; ; arrival = undefined) {
      if (this.#budget.spent && arrival === undefined) await nextTurn()
      const rest = end === undefined ? options : { ...options, timeout: Math.max(0, end - performance.now()) }
      const value = this.#accept(await (arrival ?? source.receive(rest)))
      if (value !== SKIPPED) return value
    }
  }

  async #nextLater(source: Source<Incoming<Type>>): Promise<IteratorResult<T, undefined>> {
    try {
      for (;;) {
        if (this.#budget.spent) await nextTurn()
        const value = this.#accept(await source.receive())
        if (value !== SKIPPED) return { done: false, value }
      }
    } catch (error) {
      if (error instanceof ClosedError) return DONE
      throw error
    }
  }

  #tryReceive(): T | typeof SKIPPED {
    for (;;) {
      if (this.#budget.spent) return SKIPPED
      const message = this.#source.tryReceive()
      if (message === undefined) return SKIPPED
      const value = this.#accept(message)
      if (value !== SKIPPED) return value
    }
  }
}

/** Bytes of all parts. */
function sizeOf(received: Message | Addressed): number {
  return isList(received) ? byteLengthOf(received) : received.byteLength
}

function isList(received: Message | Addressed): received is readonly Frame[] {
  return Array.isArray(received)
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
