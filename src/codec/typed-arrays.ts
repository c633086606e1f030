/** Numeric arrays in MessagePack, in msgpackr's own format for them, an extension. By itself it writes whatever lies in its buffer, cut to bytes. */
import { addExtension } from 'msgpackr/pack'

/** By their numbers in the format; 1 is Uint8Array, which is MessagePack's own bytes and needs no help. */
const CLASSES = new Map<number, new (memory: ArrayBuffer) => ArrayBufferView>([
  [0, Int8Array],
  [2, Uint8ClampedArray],
  [3, Int16Array],
  [4, Uint16Array],
  [5, Int32Array],
  [6, Uint32Array],
  [7, Float32Array],
  [8, Float64Array],
  [9, BigInt64Array],
  [10, BigUint64Array],
  [17, DataView],
])

/** 't' for typed array: the number of its class, then its memory. */
export const TYPED_ARRAY = 0x74

/** msgpackr has no extensions of one instance, but the built package holds a copy of its own: nobody else's changes. */
export function teachTypedArrays(): void {
  for (const [number, Class] of CLASSES) {
    addExtension({
      Class,
      type: TYPED_ARRAY,
      pack: ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
        Buffer.concat([Buffer.from([number]), Buffer.from(buffer, byteOffset, byteLength)]),
      unpack,
    })
  }
}

function unpack(data: Uint8Array): unknown {
  const number = data[0]!
  // A copy has the alignment that the class needs.
  const { buffer } = Uint8Array.prototype.slice.call(data, 1)
  if (number === 1) return Buffer.from(buffer)
  if (number === 16) return buffer
  const Class = CLASSES.get(number)
  if (Class === undefined) throw new RangeError(`no typed array has the number ${number}`)
  return new Class(buffer)
}
