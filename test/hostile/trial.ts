/** Tries cases, one after the other, on stands that live as long as they stand. */
import { isDeepStrictEqual } from 'node:util'
import { TypedMqError } from '../../src/errors.ts'
import { type FrameLimits, FrameReader } from '../../src/wire/frame-reader.ts'
import { type Read, Recorder } from '../unit/wire/streams.ts'
import type { Case, ReaderCase, SocketCase, TamperCase } from './cases.ts'
import type { MechanismUnderTest } from './mechanisms.ts'
import { split } from './spoil.ts'
import { Stand, type Victim } from './stand.ts'
import { tamperer } from './tampering.ts'
import { TcpStand } from './tcp-stand.ts'
import { tryValue } from './value-trial.ts'

const LIMITS: FrameLimits = { maxMessageSize: 20_000, maxParts: 8 }

/** What the honest peer of a tampered connection sends. */
const HONEST = ['first', 'second'.repeat(50), 'third']

export class Trial implements AsyncDisposable {
  readonly #stands = new Map<string, Promise<Stand | TcpStand>>()
  /** What reached the process instead of whoever called. */
  readonly #accidents: unknown[] = []
  readonly #listen = (error: unknown): void => void this.#accidents.push(error)

  constructor() {
    process.on('uncaughtException', this.#listen)
    process.on('unhandledRejection', this.#listen)
  }

  /** Rejects with what is wrong. */
  async try(given: Case): Promise<void> {
    try {
      if (given.target === 'reader') tryReader(given)
      else if (given.target === 'value') tryValue(given)
      else if (given.target === 'tampered') await this.#tryTampered(given)
      else await this.#trySocket(given)
      if (this.#accidents.length > 0) throw this.#accidents[0]
    } catch (error) {
      this.#accidents.length = 0
      await this.renew()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('uncaughtException', this.#listen)
    process.off('unhandledRejection', this.#listen)
    await this.renew()
  }

  /** The same bytes must come to the same end however they are split. */
  async #trySocket({ target, victim, mechanism, dialled, leaves, bytes, cuts }: SocketCase): Promise<void> {
    const whole = Buffer.from(bytes, 'hex')
    const chunks = split(whole, cuts)
    if (target === 'tcp') {
      const stand = await this.#stand('tcp', victim, mechanism, () => TcpStand.open(victim, mechanism))
      await (stand as TcpStand).visit(chunks, leaves)
      return
    }
    const stand = await this.#memoryStand(victim, mechanism)
    const once = await stand.visit([whole], leaves, dialled)
    const again = await stand.visit(chunks, leaves, dialled)
    if (isDeepStrictEqual(once, again)) return
    throw new Error(`whole: ${JSON.stringify(once)}, in ${chunks.length} chunks: ${JSON.stringify(again)}`)
  }

  /** Whatever is done on the way, CURVE gives the server nothing but what the client sent, in order. */
  async #tryTampered({ victim, mechanism, direction, spoil }: TamperCase): Promise<void> {
    const stand = await this.#memoryStand(victim, mechanism)
    const received = await stand.meet({
      messages: HONEST.map(text => messageFor(victim, text)),
      onDial(near, far) {
        const connection = direction === 'to-server' ? near : far
        connection.meddle = tamperer(spoil)
      },
    })
    if (mechanism !== 'CURVE' || victim === 'PUB' || victim === 'XPUB') return
    const honest = HONEST.map(text => textOf(victim, text)).slice(0, received.length)
    // The request ids are the engine's own.
    const said = victim === 'REP' ? received.map(text => text.slice(4)) : received
    if (!isDeepStrictEqual(said, honest)) throw new Error(`received was ${JSON.stringify(received)}`)
  }

  #memoryStand(victim: Victim, mechanism: MechanismUnderTest): Promise<Stand> {
    return this.#stand('memory', victim, mechanism, () => Stand.open(victim, mechanism)) as Promise<Stand>
  }

  #stand(
    kind: string,
    victim: Victim,
    mechanism: MechanismUnderTest,
    open: () => Promise<Stand | TcpStand>,
  ): Promise<Stand | TcpStand> {
    const key = `${kind} ${victim} ${mechanism}`
    let stand = this.#stands.get(key)
    if (stand === undefined) this.#stands.set(key, (stand = open()))
    return stand
  }

  /** Closes all stands: what they keep of peers that stay, such as requests without an answer, goes with them. */
  async renew(): Promise<void> {
    const stands = [...this.#stands.values()]
    this.#stands.clear()
    for (const stand of stands) await (await stand)[Symbol.asyncDispose]()
  }
}

function messageFor(victim: Victim, text: string): Buffer | Buffer[] {
  return victim === 'REP' ? [Buffer.from('0001'), Buffer.alloc(0), Buffer.from(text)] : Buffer.from(text)
}

function textOf(victim: Victim, text: string): string {
  return victim === 'REP' ? `||${text}` : text
}

function tryReader({ bytes, cuts, patience }: ReaderCase): void {
  const whole = Buffer.from(bytes, 'hex')
  const once = readAll([whole], 1e9)
  const again = readAll(split(whole, cuts), patience)
  if (isDeepStrictEqual(once, again)) return
  throw new Error(`whole: ${JSON.stringify(once)}, split: ${JSON.stringify(again)}`)
}

/** What was read, and the message of the error that ended it. */
function readAll(chunks: readonly Buffer[], patience: number): { reads: readonly Read[]; end?: string } {
  const recorder = new Recorder()
  const reader = new FrameReader(recorder, { ...LIMITS })
  recorder.patience = patience
  try {
    for (const chunk of chunks) {
      let through = reader.feed(Buffer.from(chunk))
      while (!through) {
        recorder.patience = patience
        through = reader.resume()
      }
    }
    return { reads: recorder.reads }
  } catch (error) {
    if (!(error instanceof TypedMqError)) throw error
    return { reads: recorder.reads, end: error.message }
  }
}
