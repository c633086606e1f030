/** Push and Pull: work dealt out to whoever has room. */
import type { WritableStream } from 'node:stream/web'
import { Decoder, Encoder } from '../codec/schema.ts'
import type { OperationOptions, Sink } from '../engine/engine.ts'
import type { Message } from '../message.ts'
import { ReceivingSocket } from './receiving-socket.ts'
import { sendValue, trySendValue, writableOf } from './sending.ts'
import {
  type CodecContract,
  type CommonSettings,
  codecIn,
  type DealSettings,
  type OpenContract,
  type ReceiveContract,
  type SendContract,
  schemaIn,
} from './settings.ts'
import { engineSocketOf, Socket } from './socket.ts'

const OWN = ['schema', 'codec']

/** Sends each message to one of its Pulls, in turn; waits when none has room. */
export class Push<T = unknown> extends Socket<'PUSH'> {
  readonly #encoder: Encoder<T>
  readonly #sink: Sink

  constructor(settings: DealSettings & SendContract<T>)
  constructor(settings: DealSettings & CodecContract<T>)
  constructor(settings?: DealSettings & OpenContract)
  constructor(settings: DealSettings = {}) {
    const encoder = new Encoder<T>(codecIn(settings), schemaIn(settings, 'schema'))
    super({ type: 'PUSH', own: OWN }, settings)
    this.#encoder = encoder
    this.#sink = engineSocketOf(this).sink
  }

  /** Sends a value, or waits until a peer has room for it. Rejects with `InvalidMessageError`. */
  send(value: T, options?: OperationOptions): Promise<void> {
    return sendValue(this.#sink, this.#encoder, value, options)
  }

  /** False when `send` would wait for room. Throws `InvalidMessageError`. */
  trySend(value: T): boolean {
    return trySendValue(this.#sink, this.#encoder, value)
  }

  /** A new stream that sends what is written. Closing it does not close the socket. */
  get writable(): WritableStream<T> {
    return writableOf((value, options) => this.send(value, options))
  }
}

/** Receives from all its Pushes, fairly. */
export class Pull<T = unknown> extends ReceivingSocket<T, 'PULL'> {
  readonly #decoder: Decoder<T>

  constructor(settings: CommonSettings & ReceiveContract<T>)
  constructor(settings: CommonSettings & CodecContract<T>)
  constructor(settings?: CommonSettings & OpenContract)
  constructor(settings: CommonSettings = {}) {
    const decoder = new Decoder<T>(codecIn(settings), schemaIn(settings, 'schema'))
    super({ type: 'PULL', own: OWN }, settings)
    this.#decoder = decoder
  }

  protected override decode(message: Message): T {
    return this.#decoder.decode(message)
  }
}
