/** Reply: answers each request once. */
import type { Addressed } from '../addressed.ts'
import type { Codec } from '../codec/codec.ts'
import { Decoder, Encoder, type Schema } from '../codec/schema.ts'
import type { EngineSocket } from '../engine/engine.ts'
import { ClosedError, InvalidMessageError, OptionError } from '../errors.ts'
import { type Asked, type Asker, IncomingRequest, refuse, type WayBack } from './incoming-request.ts'
import { ReceivingSocket } from './receiving-socket.ts'
import { type AnyCodec, codecIn, type SendSettings, schemaIn } from './settings.ts'
import { engineSocketOf } from './socket.ts'

export interface ServeOptions {
  /** Handlers that may run at once; further requests wait, and push back on those who ask. Default 64. */
  readonly concurrency?: number | undefined
  /** Ends serving: no further request is taken, and those taken are answered. */
  readonly signal?: AbortSignal | undefined
}

/** Enough to keep handlers that wait for I/O busy; few enough that marks still mean something. */
const CONCURRENCY = 64

/** Answers Requests and Dealers. The contract is `{ request, answer, codec }`, the same as at the asking end. */
export class Reply<Q = unknown, A = unknown> extends ReceivingSocket<Asked<Q, A>, 'REP'> {
  readonly #decoder: Decoder<Q>
  readonly #socket: EngineSocket<'REP'>
  readonly #back: WayBack<A>

  constructor(
    settings: SendSettings & {
      readonly codec: Codec<Q> & Codec<A>
      readonly request?: undefined
      readonly answer?: undefined
    },
  )
  constructor(
    settings?: SendSettings & {
      readonly request?: Schema<unknown, Q> | undefined
      readonly answer?: Schema<A, unknown> | undefined
      readonly codec?: AnyCodec | undefined
    },
  )
  constructor(settings: SendSettings = {}) {
    const codec = codecIn(settings)
    const decoder = new Decoder<Q>(codec, schemaIn(settings, 'request'))
    const encoder = new Encoder<A>(codec, schemaIn(settings, 'answer'))
    super({ type: 'REP', own: ['request', 'answer', 'codec'] }, settings)
    this.#decoder = decoder
    const socket = engineSocketOf(this)
    this.#socket = socket
    this.#back = { sink: socket.sink, codec, encoder }
  }

  /**
   * Answers each request with what the handler returns, until the socket is closed or the signal aborts; resolves once the
   * handlers that still run then have ended. What a handler throws, its asker receives as `RemoteError`: name, message and code.
   */
  async serve(handler: (value: Q) => A | Promise<A>, options: ServeOptions = {}): Promise<void> {
    const { concurrency = CONCURRENCY, signal } = options
    if (!(concurrency >= 1)) {
      throw new OptionError(
        'concurrency',
        `concurrency is ${concurrency}; it must be at least 1, or Infinity`,
      )
    }
    const untilAborted = signal === undefined ? undefined : { signal }
    let running = 0
    let wake = () => {}
    const done = () => {
      running--
      wake()
    }
    const oneIsDone = () => new Promise<void>(resolve => (wake = resolve))
    try {
      while (signal?.aborted !== true) {
        const consumer = this.#socket.consumer?.()
        const asked = await this.receiveFrom(consumer ?? this.#socket.source, untilAborted)
        running++
        const answered = answer(asked, handler)
        if (consumer === undefined) answered.then(done)
        else answered.then(() => consumer.done()).then(done)
        if (running >= concurrency) await oneIsDone()
      }
    } catch (error) {
      if (!(error instanceof ClosedError) && signal?.aborted !== true) throw error
    } finally {
      while (running > 0) await oneIsDone()
    }
  }

  /** A request that cannot be read is answered at once: its asker need not wait for a time-out. */
  protected override decode({ peer, envelope, body }: Addressed): Asked<Q, A> {
    if (envelope === undefined)
      throw new InvalidMessageError('a request without an empty part in front of its body')
    const asker: Asker = { peer, envelope }
    try {
      return new IncomingRequest(this.#decoder.decode(body), asker, this.#back)
    } catch (error) {
      refuse(error, asker, this.#back).catch(() => {})
      throw error
    }
  }
}

/** Never rejects. */
async function answer<Q, A>(asked: Asked<Q, A>, handler: (value: Q) => A | Promise<A>): Promise<void> {
  try {
    await asked.reply(await handler(asked.value))
  } catch (error) {
    // The socket may be closed by now; then there is nobody left to tell.
    await asked.fail(error).catch(() => {})
  }
}
