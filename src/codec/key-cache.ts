/** Keys of objects by their bytes, and orders of keys: messages repeat theirs, and only a new one costs memory. */

/** A power of two. A key takes the place of another one in its slot, so that no peer can fill memory. */
const SLOTS = 4096
/** Bytes of a key that is kept: of those of JSON, one may be as long as a message. A longer one is new each time. */
const LONGEST = 64
/** Slots of orders of keys, a power of two. */
const ORDERS = 4096

export class KeyCache {
  readonly #bytes: (Uint8Array | undefined)[] = new Array(SLOTS).fill(undefined)
  /** The message that used each key last. */
  readonly #users = new Float64Array(SLOTS)
  readonly #orders = new Int32Array(ORDERS)
  readonly #orderUsers = new Float64Array(ORDERS)
  #message = 0

  /** Another message begins. */
  begin(): void {
    this.#message++
  }

  /** Whether this message has not used the key of these bytes, whose `hashOf` is given, before. What was kept of other messages makes no difference. */
  isNew(bytes: Uint8Array, from: number, to: number, hash: number): boolean {
    if (to - from > LONGEST) return true
    const slot = hash & (SLOTS - 1)
    const fresh = this.#users[slot] !== this.#message
    this.#users[slot] = this.#message
    if (equal(this.#bytes[slot], bytes, from, to)) return fresh
    this.#bytes[slot] = Uint8Array.prototype.slice.call(bytes, from, to)
    return true
  }

  /** Whether no object of this message has begun with these keys yet, as `orderOf` counts them: V8 makes a hidden class then. */
  isNewOrder(order: number): boolean {
    const slot = (order ^ (order >>> 12)) & (ORDERS - 1)
    if (this.#orderUsers[slot] === this.#message && this.#orders[slot] === order) return false
    this.#orders[slot] = order
    this.#orderUsers[slot] = this.#message
    return true
  }
}

/** The order of keys that goes on with the key of this hash; the first follows 0. */
export function orderOf(before: number, hash: number): number {
  const mixed = Math.imul(before ^ hash, 0x9e3779b1)
  return mixed ^ (mixed >>> 15)
}

/** FNV-1a. Of all bytes: columns such as "value_001_avg" and "value_002_avg" differ in the middle only. */
export function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5 | 0
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  return hash ^ (hash >>> 15)
}

function equal(known: Uint8Array | undefined, bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from
  if (known === undefined || known.length !== length) return false
  for (let index = 0; index < length; index++) if (known[index] !== bytes[from + index]) return false
  return true
}
