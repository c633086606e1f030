/** Pair: two sockets, one at each end, nobody else. */
import type { Codec } from '../codec/codec.ts'
import { Decoder, Encoder, type Schema } from '../codec/schema.ts'
import { DuplexSocket } from './duplex-socket.ts'
import { type AnyCodec, codecIn, type SendSettings, type Some, schemaIn } from './settings.ts'

/** What a Pair takes besides its contract. */
export type PairSettings = SendSettings & Some<'immediate'>

/** Talks to one other Pair. The contract is `{ schema }` for both directions, or `{ out, in }` as seen from this end. */
export class Pair<Out = unknown, In = Out> extends DuplexSocket<Out, In> {
  constructor(
    settings: PairSettings & { readonly schema: Schema<Out, In>; readonly codec?: AnyCodec | undefined },
  )
  constructor(
    settings: PairSettings & {
      readonly codec: Codec<Out> & Codec<In>
      readonly out?: undefined
      readonly in?: undefined
    },
  )
  constructor(
    settings?: PairSettings & {
      readonly out?: Schema<Out, unknown> | undefined
      readonly in?: Schema<unknown, In> | undefined
      readonly codec?: AnyCodec | undefined
    },
  )
  constructor(settings: PairSettings = {}) {
    const codec = codecIn(settings)
    const both = schemaIn(settings, 'schema')
    const encoder = new Encoder<Out>(codec, schemaIn(settings, 'out') ?? both)
    const decoder = new Decoder<In>(codec, schemaIn(settings, 'in') ?? both)
    super({ type: 'PAIR', own: ['schema', 'codec', 'out', 'in'] }, settings, {
      encode: value => encoder.encode(value),
      decode: message => decoder.decode(message),
    })
  }
}
