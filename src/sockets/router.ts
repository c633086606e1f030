/** Router: knows its peers by name, and says to whom each message goes. */

import type { WritableStream } from 'node:stream/web'
import { Addressed, delimiterIn, enveloped } from '../addressed.ts'
import { utf8 } from '../bytes.ts'
import type { Codec } from '../codec/codec.ts'
import { Decoder, Encoder, type Schema } from '../codec/schema.ts'
import type { OperationOptions } from '../engine/engine.ts'
import { InvalidMessageError } from '../errors.ts'
import { type Frame, isMessage } from '../message.ts'
import { ReceivingSocket } from './receiving-socket.ts'
import { type ValueEncoder, writableOf } from './sending.ts'
import { type AnyCodec, codecIn, type SendSettings, type Some, schemaIn } from './settings.ts'
import { engineSocketOf } from './socket.ts'

/** What a Router takes besides its contract. */
export interface RouterSettings extends SendSettings, Some<'mandatory' | 'handover'> {
  /** What becomes of a message for a peer at its mark; waiting is for that peer alone. Default 'reject'. */
  readonly onFull?: 'reject' | 'wait' | undefined
  /** Split what every peer sends at its first empty part; for a Request this is done anyhow. Default false. */
  readonly envelope?: boolean | undefined
}

/** What a Router yields: who sent it, what stood before the first empty part (if the message was split), and the value. */
export interface Routed<T> {
  readonly peer: Uint8Array
  readonly envelope: readonly Frame[]
  readonly value: T
}

/** What a Router's `writable` takes. */
export interface ToRoute<T> {
  readonly peer: Uint8Array | string
  readonly value: T
  readonly envelope?: readonly Frame[] | undefined
}

/** Receives from all its peers and sends to the one that is named. The contract is that of Reply: it receives `request` and sends `answer`. */
export class Router<Out = unknown, In = unknown> extends ReceivingSocket<Routed<In>, 'ROUTER'> {
  readonly #encoder: ValueEncoder<Out>
  readonly #decoder: Decoder<In>
  readonly #envelope: boolean
  readonly #socket = engineSocketOf(this)

  constructor(
    settings: RouterSettings & {
      readonly codec: Codec<Out> & Codec<In>
      readonly request?: undefined
      readonly answer?: undefined
    },
  )
  constructor(
    settings?: RouterSettings & {
      readonly request?: Schema<unknown, In> | undefined
      readonly answer?: Schema<Out, unknown> | undefined
      readonly codec?: AnyCodec | undefined
    },
  )
  constructor(settings: RouterSettings = {}) {
    const codec = codecIn(settings)
    const decoder = new Decoder<In>(codec, schemaIn(settings, 'request'))
    const encoder = new Encoder<Out>(codec, schemaIn(settings, 'answer'))
    super(
      { type: 'ROUTER', own: ['request', 'answer', 'codec', 'envelope'], defaults: { onFull: 'reject' } },
      settings,
    )
    this.#encoder = encoder
    this.#decoder = decoder
    this.#envelope = settings.envelope === true
  }

  /**
   * Sends to one peer, behind the envelope its message came with. Rejects with `UnroutableError`, which holds the message,
   * when there is no such peer or it is at its mark.
   */
  send(
    peer: Uint8Array | string,
    value: Out,
    envelope?: readonly Frame[],
    options?: OperationOptions,
  ): Promise<void> {
    const since = this.#socket.sink.clock?.()
    let message: Addressed
    try {
      message = this.#encode(peer, value, envelope)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#socket.sink.send(message, options, since)
  }

  /** False when `send` would wait for room. Throws `UnroutableError` and `InvalidMessageError`. */
  trySend(peer: Uint8Array | string, value: Out, envelope?: readonly Frame[]): boolean {
    const since = this.#socket.sink.clock?.()
    return this.#socket.sink.trySend(this.#encode(peer, value, envelope), since)
  }

  /** A new stream that sends what is written. Closing it does not close the socket. */
  get writable(): WritableStream<ToRoute<Out>> {
    return writableOf(({ peer, value, envelope }, options) => this.send(peer, value, envelope, options))
  }

  protected override decode(received: Addressed): Routed<In> {
    const { peer, envelope = [], body } = this.#envelope ? split(received) : received
    return { peer, envelope, value: this.#decoder.decode(body) }
  }

  /** An envelope, even an empty one for a REQ, ends with an empty part. */
  #encode(peer: Uint8Array | string, value: Out, envelope: readonly Frame[] = []): Addressed {
    const name = typeof peer === 'string' ? utf8(peer) : peer
    if (!isMessage([name, ...envelope])) {
      throw new InvalidMessageError(
        'a peer is a Uint8Array or a string, and each part of an envelope a Uint8Array',
      )
    }
    const body = this.#encoder.encode(value)
    const delimited = this.#envelope || envelope.length > 0 || this.#socket.isRequester?.(name) === true
    return new Addressed(name, delimited ? enveloped(envelope, body) : body)
  }
}

function split({ peer, message }: Addressed): Addressed {
  return new Addressed(peer, message, delimiterIn(message))
}
