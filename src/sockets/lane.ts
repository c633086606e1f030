/** How requests share a REQ engine socket: side by side, told apart by ids, or one behind the other. */
import type { EngineSocket } from '../engine/engine.ts'
import { EMPTY_FRAME, type Frame, type Message, partsOf } from '../message.ts'
import type { Call } from './call.ts'
import { bodyFrom, prepend } from './envelope.ts'

export interface Lane {
  begin(call: Call): void
  /** The try is over without an answer; the next one, with what is left of the queue behind it, begins. */
  again(call: Call): void
  /** The call is over without an answer. */
  withdraw(call: Call): void
  /** The call a message answers, which is no longer in the lane, and the answer; undefined when nobody waits for it. */
  answered(message: Message): { readonly call: Call; readonly body: Message } | undefined
  /** The call whose try this message was. */
  callOf(message: Message): Call | undefined
  /** Everything that is not answered; the lane is empty then. */
  drain(): Call[]
}

/** Any number in flight: `[request id, empty, ...body]`, as ZMQ_REQ_CORRELATE has it. */
export class SideBySide implements Lane {
  readonly #socket: EngineSocket
  readonly #calls = new Map<number, Call>()
  /** Not from 0: a peer may still hold answers for an earlier socket of our name. */
  #lastId = Math.floor(Math.random() * 2 ** 32)

  constructor(socket: EngineSocket) {
    this.#socket = socket
  }

  begin(call: Call): void {
    do this.#lastId = (this.#lastId + 1) >>> 0
    while (this.#calls.has(this.#lastId))
    call.id = this.#lastId
    const id = Uint8Array.of(call.id >>> 24, call.id >>> 16, call.id >>> 8, call.id)
    call.message = prepend([id, EMPTY_FRAME], call.body)
    this.#calls.set(call.id, call)
    transmit(call, this.#socket, () => this.#calls.delete(call.id))
  }

  again(call: Call): void {
    this.withdraw(call)
    this.begin(call)
  }

  withdraw(call: Call): void {
    this.#calls.delete(call.id)
    takeBack(call, this.#socket)
  }

  answered(message: Message): { call: Call; body: Message } | undefined {
    const parts = partsOf(message)
    const call = this.callOf(message)
    if (call === undefined) return undefined
    this.#calls.delete(call.id)
    return { call, body: bodyFrom(parts, 2) }
  }

  callOf(message: Message): Call | undefined {
    const id = partsOf(message)[0]!
    return id.length === 4 ? this.#calls.get(readId(id)) : undefined
  }

  drain(): Call[] {
    const calls = [...this.#calls.values()]
    this.#calls.clear()
    return calls
  }
}

/** One on the wire at a time: `[empty, ...body]`; the others wait in order. */
export class InLine implements Lane {
  readonly #socket: EngineSocket
  /** The one that is on its way. */
  #current: Call | undefined
  readonly #waiting = new Set<Call>()
  /** Where the next one stands: looking for the first of a set anew would pass all that were taken out before it. */
  #order = this.#waiting.values()
  /** Taken out since then: the set's iterator keeps a trace of each, 50 to 150 bytes, until it is asked. */
  #withdrawn = 0

  constructor(socket: EngineSocket) {
    this.#socket = socket
  }

  begin(call: Call): void {
    call.message = prepend([EMPTY_FRAME], call.body)
    this.#waiting.add(call)
    if (this.#current === undefined) this.#next()
  }

  again(call: Call): void {
    if (call !== this.#current) return
    takeBack(call, this.#socket)
    call.message = prepend([EMPTY_FRAME], call.body)
    this.#transmit(call)
  }

  withdraw(call: Call): void {
    if (this.#waiting.delete(call)) {
      if (++this.#withdrawn > this.#waiting.size) this.#lookAnew()
      return
    }
    if (call !== this.#current) return
    takeBack(call, this.#socket)
    this.#next()
  }

  answered(message: Message): { call: Call; body: Message } | undefined {
    const call = this.#current
    if (call === undefined) return undefined
    this.#next()
    return { call, body: bodyFrom(partsOf(message), 1) }
  }

  callOf(message: Message): Call | undefined {
    return this.#current?.message === message ? this.#current : undefined
  }

  drain(): Call[] {
    const calls = [...this.#waiting]
    if (this.#current !== undefined) calls.unshift(this.#current)
    this.#waiting.clear()
    this.#current = undefined
    return calls
  }

  #next(): void {
    let next = this.#order.next()
    if (next.done) {
      // It stays at its end, whatever is added.
      this.#lookAnew()
      next = this.#order.next()
    }
    this.#current = next.value
    if (this.#current === undefined) return
    this.#waiting.delete(this.#current)
    this.#transmit(this.#current)
  }

  #lookAnew(): void {
    this.#order = this.#waiting.values()
    this.#withdrawn = 0
  }

  #transmit(call: Call): void {
    transmit(call, this.#socket, () => this.#next())
  }
}

/** Hands a try to the engine; most are taken at once. `refused` is called when the engine will not have it, before the call fails. */
function transmit(call: Call, socket: EngineSocket, refused: () => void): void {
  try {
    if (socket.trySend(call.message, call.since)) return
  } catch (error) {
    refused()
    call.fail(error)
    return
  }
  const sending = new AbortController()
  call.sending = sending
  const sent = () => {
    if (call.sending === sending) call.sending = undefined
  }
  socket.send(call.message, { signal: sending.signal }, call.since).then(sent, error => {
    sent()
    if (sending.signal.aborted) return
    refused()
    call.fail(error)
  })
}

/** Ends a try: out of the queue if it is there still; else its answer no longer counts. */
function takeBack(call: Call, socket: EngineSocket): void {
  const sending = call.sending
  call.sending = undefined
  if (sending === undefined) socket.revoke(call.message)
  else sending.abort()
}

function readId(id: Frame): number {
  return ((id[0]! << 24) | (id[1]! << 16) | (id[2]! << 8) | id[3]!) >>> 0
}
