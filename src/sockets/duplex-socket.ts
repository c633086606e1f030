/** What Pair and Dealer share: both directions, one value a message. */
import type { WritableStream } from 'node:stream/web'
import type { OperationOptions, Sink } from '../engine/engine.ts'
import type { Message } from '../message.ts'
import { ReceivingSocket } from './receiving-socket.ts'
import { sendValue, trySendValue, type ValueEncoder, writableOf } from './sending.ts'
import type { CommonSettings } from './settings.ts'
import { engineSocketOf, type SocketDefinition } from './socket.ts'

/** Values to messages and messages to values; the types may differ. */
export interface Coder<Out, In> extends ValueEncoder<Out> {
  decode(message: Message): In
}

type DuplexType = 'PAIR' | 'DEALER'

export abstract class DuplexSocket<Out, In> extends ReceivingSocket<In, DuplexType> {
  readonly #sink: Sink
  readonly #coder: Coder<Out, In>

  constructor(definition: SocketDefinition<DuplexType>, settings: CommonSettings, coder: Coder<Out, In>) {
    super(definition, settings)
    this.#sink = engineSocketOf(this).sink
    this.#coder = coder
  }

  /** Sends a value, or waits until a peer has room for it. Rejects with `InvalidMessageError`. */
  send(value: Out, options?: OperationOptions): Promise<void> {
    return sendValue(this.#sink, this.#coder, value, options)
  }

  /** False when `send` would wait for room. Throws `InvalidMessageError`. */
  trySend(value: Out): boolean {
    return trySendValue(this.#sink, this.#coder, value)
  }

  /** A new stream that sends what is written. Closing it does not close the socket. */
  get writable(): WritableStream<Out> {
    return writableOf((value, options) => this.send(value, options))
  }

  protected override decode(message: Message): In {
    return this.#coder.decode(message)
  }
}
