/** One request at the answering end, with the way back. */
import { Addressed, enveloped } from '../addressed.ts'
import type { Sink } from '../engine/engine.ts'
import { InvalidMessageError, StateError } from '../errors.ts'
import type { Frame, Message } from '../message.ts'
import { encodeFailure, isFailure } from './failure.ts'
import type { ValueEncoder } from './sending.ts'
import type { AnyCodec } from './settings.ts'

/** A request that waits for its answer. */
export interface Asked<Q, A> {
  readonly value: Q
  /** Answers; once. Never waits: when the asker has gone or is at its mark, the answer is dropped and counted. Rejects with `InvalidMessageError`, and may then be called again. */
  reply(answer: A): Promise<void>
  /** Answers with an error, which the asker receives as `RemoteError`; instead of `reply`. */
  fail(error: unknown): Promise<void>
}

/** How answers leave. */
export interface WayBack<A> {
  readonly sink: Sink<Addressed>
  readonly codec: AnyCodec
  readonly encoder: ValueEncoder<A>
}

/** Whom an answer goes to. */
export interface Asker {
  readonly peer: Frame
  readonly envelope: readonly Frame[]
}

export class IncomingRequest<Q, A> implements Asked<Q, A> {
  readonly value: Q
  readonly #asker: Asker
  readonly #back: WayBack<A>
  #answered = false

  constructor(value: Q, asker: Asker, back: WayBack<A>) {
    this.value = value
    this.#asker = asker
    this.#back = back
  }

  async reply(answer: A): Promise<void> {
    this.#answerable()
    const since = this.#back.sink.clock?.()
    const body = this.#back.encoder.encode(answer)
    if (isFailure(body)) {
      throw new InvalidMessageError(
        'an answer of several parts may not begin with an empty one: that is an error',
      )
    }
    this.#answered = true
    try {
      await this.#back.sink.send(answerTo(this.#asker, body), undefined, since)
    } catch (error) {
      this.#answered = false
      throw error
    }
  }

  async fail(error: unknown): Promise<void> {
    this.#answerable()
    this.#answered = true
    return refuse(error, this.#asker, this.#back)
  }

  #answerable(): void {
    if (this.#answered) throw new StateError('the request has been answered already')
  }
}

/** Answers with an error, whether or not an answer was tried before. */
export function refuse(error: unknown, asker: Asker, back: WayBack<any>): Promise<void> {
  return back.sink.send(answerTo(asker, encodeFailure(error, back.codec)))
}

function answerTo({ peer, envelope }: Asker, body: Message): Addressed {
  return new Addressed(peer, enveloped(envelope, body))
}
