/** Dealer: requests dealt out and answers taken in any order, with no bookkeeping of its own. */
import { enveloped as behind, bodyFrom, delimiterIn } from '../addressed.ts'
import type { Codec } from '../codec/codec.ts'
import { Decoder, Encoder, type Schema } from '../codec/schema.ts'
import { isSingle, type Message } from '../message.ts'
import { type Coder, DuplexSocket } from './duplex-socket.ts'
import { type AnyCodec, codecIn, type DealSettings, schemaIn } from './settings.ts'

/** What a Dealer takes besides its contract. */
export interface DealerSettings extends DealSettings {
  /** Put an empty part in front of what is sent, and take off everything up to the first empty part of what comes: for Routers that expect REQ's form. Towards a Reply this is done anyhow. Default false. */
  readonly envelope?: boolean | undefined
}

/** Deals messages out to Routers, Replies or Dealers. The contract is that of Request: it sends `request` and receives `answer`. */
export class Dealer<Out = unknown, In = unknown> extends DuplexSocket<Out, In> {
  constructor(
    settings: DealerSettings & {
      readonly codec: Codec<Out> & Codec<In>
      readonly request?: undefined
      readonly answer?: undefined
    },
  )
  constructor(
    settings?: DealerSettings & {
      readonly request?: Schema<Out, unknown> | undefined
      readonly answer?: Schema<unknown, In> | undefined
      readonly codec?: AnyCodec | undefined
    },
  )
  constructor(settings: DealerSettings = {}) {
    const codec = codecIn(settings)
    const encoder = new Encoder<Out>(codec, schemaIn(settings, 'request'))
    const decoder = new Decoder<In>(codec, schemaIn(settings, 'answer'))
    const plain: Coder<Out, In> = {
      encode: value => encoder.encode(value),
      decode: message => decoder.decode(message),
    }
    const own = ['request', 'answer', 'codec', 'envelope']
    super({ type: 'DEALER', own }, settings, settings.envelope === true ? enveloped(plain) : plain)
  }
}

function enveloped<Out, In>(plain: Coder<Out, In>): Coder<Out, In> {
  return {
    encode: value => behind([], plain.encode(value)),
    decode: message => plain.decode(withoutEnvelope(message)),
  }
}

/** What comes from a REP has no empty part any more: the engine took it off. */
function withoutEnvelope(message: Message): Message {
  return isSingle(message) ? message : bodyFrom(message, delimiterIn(message) + 1)
}
