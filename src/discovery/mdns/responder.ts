/** Says what is announced: at once, again each period, when asked, and goodbye at the end (RFC 6762, 6, 8.3 and 10.1). */
import { type Announced, SERVICE_TYPE, TYPE_ENUMERATION } from './announced.ts'
import type { Multicast } from './multicast.ts'
import { DATAGRAM, type DnsMessage, type DnsRecord, type Question, sizeOf } from './packet.ts'

/** RFC 6762, 8.3: an announcement is sent twice, a second apart, for the first may be lost. */
const AGAIN = 1_000
/** RFC 6762, 6: answers wait 20 to 120 ms, so that those of many hosts do not collide. Also gathers questions: one answer a while. */
const ANSWER_DELAY = { least: 20, spread: 100 }
/** RFC 6762, 6 asks for a second between equal answers. Less, for peers that start together are the rule here. */
const ANSWER_PAUSE = 200

export class Responder {
  readonly #multicast: Multicast
  readonly #period: number
  /** Seconds. Two and a half periods: a peer that died is forgotten within three, one lost datagram is not noticed. */
  readonly #ttl: number
  readonly #announced = new Map<string, Announced>()
  readonly #asked = new Set<Announced>()
  readonly #timers = new Map<'period' | 'again' | 'answer', NodeJS.Timeout>()
  #answered = Number.NEGATIVE_INFINITY
  #enumerate = false

  constructor(multicast: Multicast, period: number) {
    this.#multicast = multicast
    this.#period = period
    this.#ttl = Math.floor((period * 2.5) / 1000)
  }

  async add(announced: Announced): Promise<void> {
    this.#announced.set(announced.fullName.toLowerCase(), announced)
    this.#later('again', AGAIN, () => this.announceAll())
    this.#later('period', this.#period, () => this.#beat())
    await this.#say([announced], this.#ttl)
  }

  /** Says goodbye. Idempotent. */
  async remove(announced: Announced): Promise<void> {
    const key = announced.fullName.toLowerCase()
    if (this.#announced.get(key) !== announced) return
    this.#announced.delete(key)
    this.#asked.delete(announced)
    await this.#say([announced], 0)
  }

  /** Resolves once all goodbyes have left. */
  async close(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    const leaving = [...this.#announced.values()]
    this.#announced.clear()
    this.#asked.clear()
    await this.#say(leaving, 0)
  }

  announceAll(): void {
    void this.#say([...this.#announced.values()], this.#ttl)
  }

  /** Up to a tenth early, so that hosts which started together drift apart. */
  #beat(): void {
    this.announceAll()
    if (this.#announced.size > 0) {
      this.#later('period', this.#period * (1 - Math.random() / 10), () => this.#beat())
    }
  }

  /** One timer a purpose; a running one stays. */
  #later(purpose: 'period' | 'again' | 'answer', delay: number, action: () => void): void {
    if (this.#timers.has(purpose)) return
    const timer = setTimeout(() => {
      this.#timers.delete(purpose)
      action()
    }, delay)
    this.#timers.set(purpose, timer.unref())
  }

  received(message: DnsMessage): void {
    if (this.#announced.size === 0) return
    if (message.response) this.#defend(message.records)
    else for (const question of message.questions) this.#ask(question, message.records)
  }

  /** A goodbye for what is still here was somebody's mistake or malice: contradict it within the second that it takes effect. */
  #defend(records: readonly DnsRecord[]): void {
    for (const record of records) {
      if (record.ttl !== 0) continue
      const name = record.type === 'PTR' ? record.data : record.name
      const announced = this.#announced.get(name.toLowerCase())
      if (announced) this.#answer([announced])
    }
  }

  #ask(question: Question, known: readonly DnsRecord[]): void {
    const name = question.name.toLowerCase()
    if (name === TYPE_ENUMERATION) {
      this.#enumerate = true
      this.#answer([])
    } else if (name === SERVICE_TYPE) {
      // RFC 6762, 7.1: what the asker knows well need not be said.
      const fresh = new Set<string>()
      for (const record of known) {
        if (record.type === 'PTR' && record.ttl * 2 >= this.#ttl) fresh.add(record.data.toLowerCase())
      }
      const wanted = [...this.#announced].filter(([fullName]) => !fresh.has(fullName))
      if (wanted.length > 0) this.#answer(wanted.map(([, announced]) => announced))
    } else {
      for (const [fullName, announced] of this.#announced) {
        if (fullName === name || announced.hostName === name) this.#answer([announced])
      }
    }
  }

  #answer(wanted: readonly Announced[]): void {
    for (const announced of wanted) this.#asked.add(announced)
    const pause = Math.max(0, this.#answered + ANSWER_PAUSE - performance.now())
    this.#later('answer', Math.max(pause, ANSWER_DELAY.least + Math.random() * ANSWER_DELAY.spread), () => {
      this.#answered = performance.now()
      void this.#say([...this.#asked], this.#ttl)
      this.#asked.clear()
    })
  }

  #say(announced: readonly Announced[], ttl: number): Promise<void> {
    const enumerate = this.#enumerate
    this.#enumerate = false
    return this.#multicast.send(link => {
      const groups = announced.map(each => each.records(link, this.#multicast.links, ttl))
      if (enumerate)
        groups.push([{ name: TYPE_ENUMERATION, type: 'PTR', ttl: this.#ttl, data: SERVICE_TYPE }])
      return pack(groups.filter(group => group.length > 0))
    })
  }
}

/** As few datagrams as hold all groups whole. */
function pack(groups: readonly DnsRecord[][]): DnsMessage[] {
  const packed: DnsRecord[][] = []
  let room = 0
  for (const group of groups) {
    const size = sizeOf(responseOf(group))
    if (size > room || packed.length === 0) {
      packed.push([])
      room = DATAGRAM
    }
    packed.at(-1)!.push(...group)
    room -= size
  }
  return packed.map(responseOf)
}

function responseOf(records: readonly DnsRecord[]): DnsMessage {
  return { response: true, questions: [], records }
}
