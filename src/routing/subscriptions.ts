/** Who wants which topics: prefixes (RFC 29), looked up by length, behind a cache of topics seen lately. */
import { fromKey, keyOf } from '../bytes.ts'
import type { Frame } from '../message.ts'
import { TopicCache } from '../topic-cache.ts'
import { Prefixes } from './prefixes.ts'

/** A prefix that is held. */
interface Holding<Owner> {
  /** The prefix, a string of bytes. */
  readonly key: string
  owners: Owner[]
  /** `owners` is in a caller's hands: the next change makes a copy. */
  lent: boolean
}

/** What one owner holds: each prefix, with the owner's place in `owners` there, so that removing it walks nothing. */
interface Held<Owner> {
  readonly places: Map<Holding<Owner>, number>
  bytes: number
}

/** The only prefix, as bytes. */
interface Sole<Owner> {
  readonly prefix: Frame
  readonly holding: Holding<Owner>
}

const NOBODY: readonly never[] = []
/** A longer sole prefix is not copied to be compared: it may be 64 MiB, and one again with each change of another. */
const LONGEST = 256

/**
 * A map for each length of prefix, then a cache: 1.6 M look-ups a second at 10,000 prefixes where a trie of bytes reaches
 * 0.45 M, and a topic seen before costs one hash of its bytes, whatever the number of prefixes. A sole prefix is
 * compared instead, in a third of that time (bench/micro/topics.ts). Adding and removing an owner cost the same, however
 * many others hold the prefix: a list of owners is copied only after `match` has returned it.
 */
export class Subscriptions<Owner> {
  readonly #holdings = new Prefixes<Holding<Owner>>()
  readonly #byOwner = new Map<Owner, Held<Owner>>()
  readonly #matched = new TopicCache<readonly Owner[]>()
  /** Set while there is one prefix only, which is not long. */
  #sole: Sole<Owner> | undefined
  #prefixes = 0
  #prefixBytes = 0

  /** True when no owner held this prefix before. A prefix that its owner holds already changes nothing. */
  add(prefix: Frame, owner: Owner): boolean {
    const key = keyOf(prefix)
    const holding = this.#holdings.get(key)
    let own = this.#byOwner.get(owner)
    if (own === undefined) this.#byOwner.set(owner, (own = { places: new Map(), bytes: 0 }))
    if (holding !== undefined && own.places.has(holding)) return false
    own.bytes += key.length
    if (holding === undefined) own.places.set(this.#hold(key, owner), 0)
    else own.places.set(holding, ownersToChange(holding).push(owner) - 1)
    this.#changed()
    return holding === undefined
  }

  /** True when no owner holds this prefix any more; false also when its owner did not hold it. */
  delete(prefix: Frame, owner: Owner): boolean {
    const holding = this.#holdings.get(keyOf(prefix))
    return holding !== undefined && this.#delete(holding, owner)
  }

  /** Ends all of an owner's subscriptions; returns the prefixes that no owner holds any more. */
  deleteAll(owner: Owner): Frame[] {
    const gone: Frame[] = []
    for (const holding of this.#byOwner.get(owner)?.places.keys() ?? []) {
      if (this.#delete(holding, owner)) gone.push(fromKey(holding.key))
    }
    return gone
  }

  has(prefix: Frame): boolean {
    return this.#holdings.get(keyOf(prefix)) !== undefined
  }

  /** How many different prefixes are held. */
  get prefixes(): number {
    return this.#prefixes
  }

  /** How long they are together. */
  get prefixBytes(): number {
    return this.#prefixBytes
  }

  /** How many prefixes the owner holds. */
  count(owner: Owner): number {
    return this.#byOwner.get(owner)?.places.size ?? 0
  }

  /** How long they are together. */
  bytes(owner: Owner): number {
    return this.#byOwner.get(owner)?.bytes ?? 0
  }

  get owners(): number {
    return this.#byOwner.size
  }

  /**
   * What each owner adds to the whole: the weight of a prefix, by its length, is divided among those who hold it.
   * Walks all subscriptions.
   */
  shares(weight: (length: number) => number): Map<Owner, number> {
    const shares = new Map<Owner, number>()
    for (const [owner, { places }] of this.#byOwner) {
      let share = 0
      for (const { key, owners } of places.keys()) share += weight(key.length) / owners.length
      shares.set(owner, share)
    }
    return shares
  }

  /** Each owner with a prefix of this topic, once. What is returned must not be changed, and does not change. */
  match(topic: Frame): readonly Owner[] {
    const sole = this.#sole
    if (sole !== undefined) return beginsWith(topic, sole.prefix) ? lend(sole.holding) : NOBODY
    if (this.#prefixes === 0) return NOBODY
    const matched = this.#matched.find(topic)
    if (matched !== undefined) return matched
    const owners = this.#find(topic)
    this.#matched.remember(topic, owners)
    return owners
  }

  #find(topic: Frame): readonly Owner[] {
    let found: Holding<Owner> | undefined
    let all: Set<Owner> | undefined
    for (const holding of this.#holdings.match(keyOf(topic))) {
      if (found === undefined) found = holding
      else {
        all ??= new Set(found.owners)
        for (const owner of holding.owners) all.add(owner)
      }
    }
    if (all !== undefined) return [...all]
    return found === undefined ? NOBODY : lend(found)
  }

  #hold(key: string, owner: Owner): Holding<Owner> {
    const holding = { key, owners: [owner], lent: false }
    this.#holdings.set(key, holding)
    this.#prefixes++
    this.#prefixBytes += key.length
    return holding
  }

  #delete(holding: Holding<Owner>, owner: Owner): boolean {
    const own = this.#byOwner.get(owner)
    const place = own?.places.get(holding)
    if (own === undefined || place === undefined) return false
    const { key } = holding
    own.places.delete(holding)
    own.bytes -= key.length
    if (own.places.size === 0) this.#byOwner.delete(owner)
    const owners = ownersToChange(holding)
    const last = owners.pop()!
    if (place < owners.length) {
      owners[place] = last
      this.#byOwner.get(last)!.places.set(holding, place)
    }
    if (owners.length === 0) this.#release(key)
    this.#changed()
    return owners.length === 0
  }

  #release(key: string): void {
    this.#prefixes--
    this.#prefixBytes -= key.length
    this.#holdings.delete(key)
  }

  #changed(): void {
    this.#matched.clear()
    if (this.#prefixes !== 1) this.#sole = undefined
    else this.#sole ??= this.#findSole()
  }

  #findSole(): Sole<Owner> | undefined {
    // Whoever holds something holds this, and nothing else.
    const [held] = this.#byOwner.values()
    const [holding] = held!.places.keys()
    if (holding!.key.length > LONGEST) return undefined
    return { prefix: new Uint8Array(fromKey(holding!.key)), holding: holding! }
  }
}

function lend<Owner>(holding: Holding<Owner>): readonly Owner[] {
  holding.lent = true
  return holding.owners
}

function ownersToChange<Owner>(holding: Holding<Owner>): Owner[] {
  if (holding.lent) {
    holding.owners = [...holding.owners]
    holding.lent = false
  }
  return holding.owners
}

function beginsWith(topic: Frame, prefix: Frame): boolean {
  if (topic.length < prefix.length) return false
  for (let index = 0; index < prefix.length; index++) if (topic[index] !== prefix[index]) return false
  return true
}
