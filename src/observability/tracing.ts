/** W3C trace context with OpenTelemetry: the spans of those who send and of those who receive become one trace. */
import type * as OpenTelemetryApi from '@opentelemetry/api'
import {
  type Codec,
  type Dealer,
  msgpack,
  type OperationOptions,
  type Pair,
  type Pull,
  type Push,
  type Reply,
  type Request,
  type RequestOptions,
  type ServeOptions,
} from '../index.ts'
import { reasonOf } from '../reason.ts'
import { type Traced, tracedCodec } from './traced.ts'

/** What is used of `@opentelemetry/api`: pass the module itself. */
export type OpenTelemetry = Pick<
  typeof OpenTelemetryApi,
  'trace' | 'context' | 'propagation' | 'SpanKind' | 'SpanStatusCode'
>

/** What a span is called, and what it may say besides. */
export interface SpanOptions {
  /** Default: what is done, as in 'request'. */
  readonly name?: string | undefined
  readonly attributes?: OpenTelemetryApi.Attributes | undefined
}

const NAME = 'typedmq'

/** The sockets at both ends carry `Traced` values, with the codec made here. Without an SDK, spans are none and the context is passed on. */
export class Tracing {
  readonly #api: OpenTelemetry

  constructor(api: OpenTelemetry) {
    this.#api = api
  }

  /** For `new Push<Traced<Job>>({ codec: tracing.codec() })`, and the same at the other end. Default MessagePack. */
  codec<T = any>(inner: Codec<T> = msgpack as Codec<T>): Codec<Traced<T>> {
    return tracedCodec(inner)
  }

  /** Sends in a span of kind PRODUCER. */
  send<T>(
    socket: Push<Traced<T>> | Pair<Traced<T>, any> | Dealer<Traced<T>, any>,
    value: T,
    options: SpanOptions & OperationOptions = {},
  ): Promise<void> {
    const { name = 'send', attributes, ...operation } = options
    return this.#span(name, this.#api.SpanKind.PRODUCER, attributes, () =>
      socket.send(this.#carry(value), operation),
    )
  }

  /** Runs a handler for a value that was received, in a span of kind CONSUMER whose parent is the sender's. */
  consume<T, R>(
    { value, carrier }: Traced<T>,
    handler: (value: T) => R | Promise<R>,
    { name = 'process', attributes }: SpanOptions = {},
  ): Promise<R> {
    const { context, propagation, SpanKind } = this.#api
    return context.with(propagation.extract(context.active(), carrier), () =>
      this.#span(name, SpanKind.CONSUMER, attributes, async () => handler(value)),
    )
  }

  /** `consume` for all that a socket receives, one after the other, until it is closed or the signal aborts. What the handler throws ends it. */
  async consumeAll<T>(
    socket: Pull<Traced<T>> | Pair<any, Traced<T>> | Dealer<any, Traced<T>>,
    handler: (value: T) => unknown,
    options: SpanOptions & { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const { signal, ...span } = options
    for await (const traced of socket) {
      await this.consume(traced, handler, span)
      if (signal?.aborted) return
    }
  }

  /** Asks in a span of kind CLIENT, and resolves with the answer. */
  request<Q, A>(
    socket: Request<Traced<Q>, Traced<A>>,
    value: Q,
    options: SpanOptions & RequestOptions = {},
  ): Promise<A> {
    const { name = 'request', attributes, ...operation } = options
    return this.#span(name, this.#api.SpanKind.CLIENT, attributes, async () => {
      const answer = await socket.request(this.#carry(value), operation)
      return answer.value
    })
  }

  /** `Reply.serve`, each handler in a span of kind SERVER whose parent is the asker's. */
  serve<Q, A>(
    socket: Reply<Traced<Q>, Traced<A>>,
    handler: (value: Q) => A | Promise<A>,
    options: SpanOptions & ServeOptions = {},
  ): Promise<void> {
    const { name = 'serve', attributes, ...serving } = options
    const { context, propagation, SpanKind } = this.#api
    return socket.serve(
      ({ value, carrier }) =>
        context.with(propagation.extract(context.active(), carrier), () =>
          this.#span(name, SpanKind.SERVER, attributes, async () => this.#carry(await handler(value))),
        ),
      serving,
    )
  }

  #carry<T>(value: T): Traced<T> {
    const carrier: Record<string, string> = {}
    this.#api.propagation.inject(this.#api.context.active(), carrier)
    return { value, carrier }
  }

  /** The span is active while `run` runs, ends with it, and tells of its error. */
  #span<R>(
    name: string,
    kind: OpenTelemetryApi.SpanKind,
    attributes: OpenTelemetryApi.Attributes | undefined,
    run: () => Promise<R>,
  ): Promise<R> {
    const { trace, SpanStatusCode } = this.#api
    const options = { kind, attributes: { 'messaging.system': 'zeromq', ...attributes } }
    return trace.getTracer(NAME).startActiveSpan(name, options, async span => {
      try {
        return await run()
      } catch (error) {
        span.recordException(error as Error)
        span.setStatus({ code: SpanStatusCode.ERROR, message: reasonOf(error) })
        throw error
      } finally {
        span.end()
      }
    })
  }
}
