/** A codec that carries trace context beside the value: a part of JSON in front of it. Both ends must use it. */
import { type Codec, InvalidMessageError, json, messageOf, partsOf } from '../index.ts'

/** `traceparent` and its like, by name. */
export type Carrier = Readonly<Record<string, string>>

/** A value with the context of who sent it. */
export interface Traced<T> {
  readonly value: T
  readonly carrier: Carrier
}

/** W3C allows 512 characters of tracestate; more is a stranger's doing. */
const MAX_CARRIER = 4096

/** A message of `inner` that has no carrier, from a peer that traces nothing, is read as one with an empty carrier. */
export function tracedCodec<T>(inner: Codec<T>): Codec<Traced<T>> {
  return {
    name: `traced-${inner.name}`,
    encode: ({ value, carrier }) => [...partsOf(json.encode(carrier)), ...partsOf(inner.encode(value))],
    decode: message => {
      const parts = partsOf(message)
      if (parts.length === 1) return { value: inner.decode(message), carrier: {} }
      return { value: inner.decode(messageOf(parts.slice(1))), carrier: carrierIn(parts[0]!) }
    },
  }
}

function carrierIn(part: Uint8Array): Carrier {
  if (part.length > MAX_CARRIER) throw new InvalidMessageError(`a trace context of ${part.length} bytes`)
  const carrier = json.decode(part)
  const words = Object.entries(Object(carrier)).filter(([, value]) => typeof value === 'string')
  return Object.fromEntries(words) as Carrier
}
