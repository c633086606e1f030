/** Values by prefix (a string of bytes), found by the prefix itself or by a topic that begins with it. */
import { fromKey, keyOf } from '../bytes.ts'

/**
 * Prefixes are kept in blocks of so many bytes, a block behind the block it follows. V8 hashes a string whole to look it up:
 * by a topic of 12,000 bytes, 10,000 lengths of prefixes took 118 ms without blocks. And a string of more than 16,383
 * bytes it hashes by length alone: 3,000 prefixes of that length took 27 s to add.
 */
const BLOCK = 512

interface Block<Value> {
  /** The prefixes that end here, by what is left of them; and the lengths of that, ascending. */
  byLength: Map<number, Map<string, Value>> | undefined
  readonly lengths: number[]
  /** The prefixes that go on, by their bytes here. */
  longer: Map<string, Block<Value>> | undefined
}

/** A map for each length, not a trie of bytes: see `Subscriptions`. */
export class Prefixes<Value> {
  readonly #first = newBlock<Value>()

  get(prefix: string): Value | undefined {
    let block: Block<Value> | undefined = this.#first
    let from = 0
    for (; block !== undefined && prefix.length - from > BLOCK; from += BLOCK)
      block = block.longer?.get(prefix.slice(from, from + BLOCK))
    return block?.byLength?.get(prefix.length - from)?.get(prefix.slice(from))
  }

  set(prefix: string, value: Value): void {
    let block = this.#first
    let from = 0
    for (; prefix.length - from > BLOCK; from += BLOCK) {
      const bytes = prefix.slice(from, from + BLOCK)
      let next = block.longer?.get(bytes)
      if (next === undefined) {
        block.longer ??= new Map()
        block.longer.set(copyOf(bytes), (next = newBlock()))
      }
      block = next
    }
    const rest = from === 0 ? prefix : copyOf(prefix.slice(from))
    block.byLength ??= new Map()
    let values = block.byLength.get(rest.length)
    if (values === undefined) {
      block.byLength.set(rest.length, (values = new Map()))
      block.lengths.splice(placeOf(rest.length, block.lengths), 0, rest.length)
    }
    values.set(rest, value)
  }

  delete(prefix: string): void {
    const path: { readonly block: Block<Value>; readonly bytes: string }[] = []
    let block = this.#first
    let from = 0
    for (; prefix.length - from > BLOCK; from += BLOCK) {
      const bytes = prefix.slice(from, from + BLOCK)
      const next = block.longer?.get(bytes)
      if (next === undefined) return
      path.push({ block, bytes })
      block = next
    }
    end(block, prefix.slice(from))
    for (let before = path.pop(); before !== undefined && isEmpty(block); before = path.pop()) {
      before.block.longer!.delete(before.bytes)
      block = before.block
    }
  }

  /** The values of all prefixes that the topic begins with. */
  match(topic: string): Value[] {
    const found: Value[] = []
    let block: Block<Value> | undefined = this.#first
    for (let from = 0; block !== undefined; from += BLOCK) {
      const bytes = from === 0 ? topic : topic.slice(from, from + BLOCK)
      for (const length of block.lengths) {
        if (length > bytes.length) break
        const value = block.byLength!.get(length)!.get(bytes.slice(0, length))
        if (value !== undefined) found.push(value)
      }
      block = topic.length - from > BLOCK ? block.longer?.get(bytes.slice(0, BLOCK)) : undefined
    }
    return found
  }
}

function newBlock<Value>(): Block<Value> {
  return { byLength: undefined, lengths: [], longer: undefined }
}

/** Of its own: a slice would keep the whole prefix. */
function copyOf(bytes: string): string {
  return keyOf(fromKey(bytes))
}

function end<Value>(block: Block<Value>, rest: string): void {
  const values = block.byLength?.get(rest.length)
  if (values === undefined || !values.delete(rest) || values.size > 0) return
  block.byLength!.delete(rest.length)
  block.lengths.splice(placeOf(rest.length, block.lengths), 1)
}

function isEmpty<Value>({ lengths, longer }: Block<Value>): boolean {
  return lengths.length === 0 && (longer === undefined || longer.size === 0)
}

/** Where a length is among the lengths, or would be. */
function placeOf(length: number, lengths: readonly number[]): number {
  let [low, high] = [0, lengths.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (lengths[middle]! < length) low = middle + 1
    else high = middle
  }
  return low
}
