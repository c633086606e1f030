/** Asks who is there, listens to the answers, and forgets who has not been heard of for as long as it said. */
import type { RemoteInfo } from 'node:dgram'
import type { ChangeFeed } from '../change-feed.ts'
import { labelOf, SERVICE_TYPE } from './announced.ts'
import { usableAddress } from './instance-endpoints.ts'
import { type Instance, InstanceTable, MAX_ADDRESSES } from './instance-table.ts'
import type { Multicast } from './multicast.ts'
import {
  type AddressRecord,
  DATAGRAM,
  type DnsMessage,
  type DnsRecord,
  isWritable,
  type LocationRecord,
  type PointerRecord,
  type Question,
  sizeOf,
  type TextRecord,
} from './packet.ts'
import { ServiceTable } from './service-table.ts'
import { decodeTxt } from './txt.ts'

/** RFC 6762, 5.2: the first question is repeated after a second, then ever more slowly, up to a minute. */
const FIRST_REPEAT = 1_000
const LAST_REPEAT = 60_000
const TICK = 250
/** RFC 6762, 10.1: a goodbye takes effect after a second, so that it can be contradicted. */
const GOODBYE_GRACE = 1_000
/** Nobody is believed for longer: responders with hour-long times to live are asked again. */
const MAX_TTL = 120_000
/** Questions about incomplete instances in one datagram: with names of the usual length it stays within an Ethernet frame. */
const MAX_QUESTIONS = 8
/** RFC 6762, 5.2: asked again at 80, 90 % of its life. */
const REFRESH_FROM = 0.8
const REFRESH_STEP = 0.1

export class Browser {
  readonly #multicast: Multicast
  readonly #table = new InstanceTable()
  readonly #services: ServiceTable
  #tick: NodeJS.Timeout | undefined
  #repeat: NodeJS.Timeout | undefined

  constructor(multicast: Multicast) {
    this.#multicast = multicast
    this.#services = new ServiceTable(address => multicast.onLink(address))
  }

  watch(feed: ChangeFeed, name: string): void {
    this.#services.addFeed(feed, name)
    this.askAgain()
    this.#tick ??= setInterval(() => this.#sweep(performance.now()), TICK).unref()
  }

  unwatch(feed: ChangeFeed): void {
    this.#services.removeFeed(feed)
    if (!this.#services.watched) this.#sleep()
  }

  close(): void {
    this.#services.endFeeds()
    this.#sleep()
  }

  #sleep(): void {
    clearInterval(this.#tick)
    clearTimeout(this.#repeat)
    this.#tick = this.#repeat = undefined
    this.#forget([...this.#table.values()])
  }

  /** Starts the series of questions anew. */
  askAgain(pause = FIRST_REPEAT): void {
    if (!this.#services.watched) return
    this.#ask([{ name: SERVICE_TYPE, type: 'PTR' }])
    clearTimeout(this.#repeat)
    this.#repeat = setTimeout(() => this.askAgain(Math.min(pause * 2, LAST_REPEAT)), pause).unref()
  }

  #ask(questions: readonly Question[]): void {
    const now = performance.now()
    const known: PointerRecord[] = []
    let room = DATAGRAM - sizeOf({ response: false, questions, records: [] })
    // The longest unheard of come first: those just heard of are in the least need of saying so.
    for (const { fullName, pointer } of this.#table.values()) {
      const left = pointer.until - now
      if (left * 2 < pointer.until - pointer.heard) continue
      const record: PointerRecord = {
        name: SERVICE_TYPE,
        type: 'PTR',
        ttl: Math.ceil(left / 1000),
        data: fullName,
      }
      room -= sizeOf({ response: false, questions: [], records: [record] })
      if (room < 0) break
      known.push(record)
    }
    void this.#multicast.send(() => [{ response: false, questions, records: known }])
  }

  received(message: DnsMessage, from: RemoteInfo): void {
    if (!message.response || !this.#services.watched) return
    const now = performance.now()
    const touched = new Set<Instance>()
    // Pointers name instances, which locations place at hosts, which have addresses: the order within the datagram is free.
    for (const record of message.records) if (record.type === 'PTR') this.#pointer(record, from, now, touched)
    for (const record of message.records) {
      if (record.type === 'SRV' || record.type === 'TXT') this.#describe(record, now, touched)
    }
    for (const [host, records] of addressesOf(message.records)) {
      for (const instance of this.#table.at(host)) {
        for (const record of records) if (isNew(instance, record, from, now)) touched.add(instance)
      }
    }
    this.#services.update(touched)
  }

  #pointer(record: PointerRecord, from: RemoteInfo, now: number, touched: Set<Instance>): void {
    if (record.name.toLowerCase() !== SERVICE_TYPE || labelOf(record.data) === undefined) return
    if (record.ttl === 0) {
      const leaving = this.#table.get(record.data)
      if (leaving) leaving.pointer.until = Math.min(leaving.pointer.until, now + GOODBYE_GRACE)
      return
    }
    const { instance, evicted } = this.#table.hear(record.data, from.address, now)
    if (evicted) {
      touched.delete(evicted)
      this.#services.remove([evicted])
    }
    instance.pointer = { heard: now, until: now + lifeOf(record) }
    instance.asked = 0
    instance.inquired = false
    touched.add(instance)
  }

  #describe(record: LocationRecord | TextRecord, now: number, touched: Set<Instance>): void {
    const instance = this.#table.get(record.name)
    if (instance === undefined) return
    if (record.type === 'SRV') {
      instance.locationUntil = now + (record.ttl === 0 ? GOODBYE_GRACE : lifeOf(record))
      if (record.ttl > 0 && isWritable(record.data.target)) this.#table.locate(instance, record.data)
    } else if (record.ttl > 0) instance.fields = decodeTxt(record.data) ?? 'bad'
    touched.add(instance)
  }

  /** Forgets what is over, and asks about what soon will be or is incomplete. */
  #sweep(now: number): void {
    let refresh = false
    const over: Instance[] = []
    const questions: Question[] = []
    for (const instance of this.#table.values()) {
      if (instance.until <= now) {
        over.push(instance)
        continue
      }
      this.#forgetAddresses(instance, now)
      const lived = (now - instance.pointer.heard) / (instance.pointer.until - instance.pointer.heard)
      if (lived >= REFRESH_FROM + REFRESH_STEP * instance.asked) {
        instance.asked++
        refresh = true
      }
      if (questions.length < MAX_QUESTIONS && this.#services.incomplete(instance) && !instance.inquired) {
        instance.inquired = true
        questions.push({ name: instance.fullName, type: 'ANY' })
        if (instance.location) questions.push({ name: instance.location.target, type: 'ANY' })
      }
    }
    this.#forget(over)
    if (refresh) questions.push({ name: SERVICE_TYPE, type: 'PTR' })
    if (questions.length > 0) this.#ask(questions)
  }

  #forgetAddresses(instance: Instance, now: number): void {
    let changed = false
    for (const [address, until] of instance.addresses) {
      if (until <= now) changed = instance.addresses.delete(address)
    }
    if (changed) this.#services.update([instance])
  }

  #forget(instances: readonly Instance[]): void {
    for (const instance of instances) this.#table.delete(instance)
    this.#services.remove(instances)
  }
}

/** By host, as many as one may have: hundreds of addresses for a host with hundreds of instances would keep us busy. */
function addressesOf(records: readonly DnsRecord[]): Map<string, AddressRecord[]> {
  const byHost = new Map<string, AddressRecord[]>()
  for (const record of records) {
    if (record.type !== 'A' && record.type !== 'AAAA') continue
    const host = record.name.toLowerCase()
    const addresses = byHost.get(host)
    if (addresses === undefined) byHost.set(host, [record])
    else if (addresses.length < MAX_ADDRESSES) addresses.push(record)
  }
  return byHost
}

/** Takes note of the address. True when it was not known. */
function isNew(instance: Instance, record: AddressRecord, from: RemoteInfo, now: number): boolean {
  const address = usableAddress(record.data, from.address)
  if (address === undefined) return false
  if (record.ttl > 0) return instance.addAddress(address, now + lifeOf(record))
  if (instance.addresses.has(address)) instance.addresses.set(address, now + GOODBYE_GRACE)
  return false
}

/** Milliseconds that a record is believed. */
function lifeOf(record: DnsRecord): number {
  return Math.min(record.ttl * 1000, MAX_TTL)
}
