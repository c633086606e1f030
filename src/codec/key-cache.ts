/** Keys of objects by their bytes, and orders of keys: messages repeat theirs, and only a new one costs memory. */

/** A power of two. A key takes the place of another one in its slot, so that no peer can fill memory. */
const SLOTS = 1024
/** Slots of orders of keys, a power of two. */
const ORDERS = 4096

export class KeyCache {
  readonly #bytes: (Uint8Array | undefined)[] = new Array(SLOTS).fill(undefined)
  readonly #keys: string[] = new Array(SLOTS).fill('')
  /** The message that used each key last. */
  readonly #users = new Float64Array(SLOTS)
  readonly #orders = new Int32Array(ORDERS)
  readonly #orderUsers = new Float64Array(ORDERS)
  #message = 0

  /** Another message begins. */
  begin(): void {
    this.#message++
  }

  /** The slot that holds the key of these bytes, of which there is at least one, or -1. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const slot = slotOf(bytes, from, to)
    const known = this.#bytes[slot]
    const length = to - from
    if (known === undefined || known.length !== length) return -1
    for (let index = 0; index < length; index++) {
      if (known[index] !== bytes[from + index]) return -1
    }
    return slot
  }

  keyAt(slot: number): string {
    return this.#keys[slot]!
  }

  /** Whether this message has not used the key before. What was kept of other messages makes no difference. */
  isFirstUse(slot: number): boolean {
    if (this.#users[slot] === this.#message) return false
    this.#users[slot] = this.#message
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

  set(bytes: Uint8Array, from: number, to: number, key: string): void {
    const slot = slotOf(bytes, from, to)
    this.#bytes[slot] = Uint8Array.prototype.slice.call(bytes, from, to)
    this.#keys[slot] = key
    this.#users[slot] = this.#message
  }
}

/** The order of keys that goes on with the key of these bytes; the first follows 0. */
export function orderOf(before: number, bytes: Uint8Array, from: number, to: number): number {
  return to === from ? before : (Math.imul(before, 31) + hashOf(bytes, from, to) + 1) | 0
}

function slotOf(bytes: Uint8Array, from: number, to: number): number {
  return hashOf(bytes, from, to) & (SLOTS - 1)
}

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  const middle = bytes[(from + to) >> 1]!
  return (to - from) * 37 + bytes[from]! * 7 + middle * 131 + bytes[to - 1]! * 1031
}
