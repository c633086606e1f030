/** The requests of a REQ that are in flight, by the number that their answers bring back (ZMQ_REQ_CORRELATE): one table. */
import { bodyFrom, prepend } from '../addressed.ts'
import { byteLengthOf, EMPTY_FRAME, type Message, partCountOf, partsOf } from '../message.ts'
import { OutgoingRequest, RequestOutcome } from '../outgoing-request.ts'
import type { Peer } from '../peer/peer.ts'
import { Ring } from '../queue/ring.ts'
import type { Measure } from './routing-strategy.ts'

/** In the place of the number of a `strict` request, which has none. */
const UNNUMBERED = -1
const ID_LENGTH = 4

/** In the place of one that has its answer: V8 may keep the table's old copies for long, and they should hold little. */
const ANSWERED = new OutgoingRequest(EMPTY_FRAME)

/** A request that was begun, as the engine sends it. */
export interface InFlight {
  request: OutgoingRequest
  /** `[number, empty, ...body]`; of a `strict` one `[empty, ...body]`. */
  wire: Message
  /** Who has it; undefined before it is placed, and once it is lost. */
  peer: Peer | undefined
}

export class RequestCorrelation implements Measure<OutgoingRequest> {
  readonly leastParts: number
  readonly #strict: boolean
  readonly #inFlight = new Map<number, InFlight>()
  /** What each peer has, so that its end is no look at all others'. */
  readonly #byPeer = new Map<Peer, Set<InFlight>>()
  /** Still in flight unless it was revoked meanwhile. */
  readonly #lost = new Ring<InFlight>()
  /** Not from 0: a peer may still hold answers for an earlier socket of our name. */
  #lastId = Math.floor(Math.random() * 2 ** 32)

  /** `strict`: without numbers, one request at a time. */
  constructor(strict: boolean) {
    this.#strict = strict
    this.leastParts = strict ? 2 : 3
  }

  bytes({ body }: OutgoingRequest): number {
    return byteLengthOf(body) + (this.#strict ? 0 : ID_LENGTH)
  }

  parts({ body }: OutgoingRequest): number {
    return partCountOf(body) + this.leastParts - 1
  }

  whole({ body }: OutgoingRequest): Message {
    return body
  }

  /** Numbers the request. */
  begin(request: OutgoingRequest): InFlight {
    const id = this.#strict ? UNNUMBERED : this.#freshId()
    const head = this.#strict ? [EMPTY_FRAME] : [idFrame(id), EMPTY_FRAME]
    const one: InFlight = { request, wire: prepend(head, request.body), peer: undefined }
    request.id = id
    this.#inFlight.set(id, one)
    return one
  }

  /** Undefined unless the request is in flight. */
  find(request: OutgoingRequest): InFlight | undefined {
    const one = request.id === undefined ? undefined : this.#inFlight.get(request.id)
    return one?.request === request ? one : undefined
  }

  /** A peer has the request of this message; undefined: none has it any more. */
  place(wire: Message, peer: Peer | undefined): void {
    const one = this.#inFlight.get(idIn(wire)!)
    if (one?.wire !== wire) return
    if (one.peer !== undefined) this.#byPeer.get(one.peer)?.delete(one)
    one.peer = peer
    if (peer !== undefined) this.#heldBy(peer).add(one)
  }

  /** The request is in flight no more. */
  end(one: InFlight): void {
    this.#inFlight.delete(one.request.id!)
    if (one.peer !== undefined) this.#byPeer.get(one.peer)?.delete(one)
  }

  /** What an answer from this peer brings, or what is wrong with it. */
  answer(message: Message, from: Peer | undefined): RequestOutcome | 'malformed' | 'late-answer' {
    const id = idIn(message)
    if (id === undefined) return 'malformed'
    const one = this.#inFlight.get(id)
    if (one === undefined || one.peer !== from) return 'late-answer'
    this.end(one)
    const { request } = one
    one.request = ANSWERED
    one.wire = EMPTY_FRAME
    one.peer = undefined
    return new RequestOutcome(request, bodyFrom(message, id === UNNUMBERED ? 1 : 2))
  }

  /** Nothing more comes from this peer. Returns whether requests are lost with it. */
  lose(peer: Peer): boolean {
    const held = this.#byPeer.get(peer)
    this.#byPeer.delete(peer)
    for (const one of held ?? []) {
      one.peer = undefined
      this.#lost.push(one)
    }
    return held !== undefined && held.size > 0
  }

  /** Nothing more comes for any request. */
  loseAll(): void {
    for (const one of this.#inFlight.values()) this.#lost.push(one)
  }

  /** The next loss to tell. */
  takeLoss(): RequestOutcome | undefined {
    for (let one = this.#lost.shift(); one !== undefined; one = this.#lost.shift()) {
      if (this.find(one.request) !== one) continue
      this.end(one)
      return new RequestOutcome(one.request, undefined)
    }
    return undefined
  }

  #heldBy(peer: Peer): Set<InFlight> {
    let held = this.#byPeer.get(peer)
    if (held === undefined) this.#byPeer.set(peer, (held = new Set()))
    return held
  }

  #freshId(): number {
    do this.#lastId = (this.#lastId + 1) >>> 0
    while (this.#inFlight.has(this.#lastId))
    return this.#lastId
  }
}

function idFrame(id: number): Uint8Array {
  return Uint8Array.of(id >>> 24, id >>> 16, id >>> 8, id)
}

/** The number in front of the delimiter, or UNNUMBERED. Undefined for what is no request or answer. */
function idIn(message: Message): number | undefined {
  const parts = partsOf(message)
  const id = parts[0]!
  if (parts.length >= 2 && id.length === 0) return UNNUMBERED
  if (parts.length < 3 || id.length !== ID_LENGTH || parts[1]!.length !== 0) return undefined
  return ((id[0]! << 24) | (id[1]! << 16) | (id[2]! << 8) | id[3]!) >>> 0
}
