/** Trace context over sockets, with a real OpenTelemetry SDK. */
import * as api from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { Pull, Push, Reply, Request } from 'typedmq'
import { type Traced, Tracing } from 'typedmq/observability'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'

const ANY = 'tcp://127.0.0.1:0'
const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
api.trace.setGlobalTracerProvider(provider)
api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
api.propagation.setGlobalPropagator(new W3CTraceContextPropagator())
const tracing = new Tracing(api)

beforeEach(() => exporter.reset())
afterAll(() => provider.shutdown())

const spanOf = (name: string) => exporter.getFinishedSpans().find(span => span.name === name)!

describe('Tracing', () => {
  test('makes the spans of asker and answerer one trace', async () => {
    const codec = tracing.codec()
    await using reply = new Reply<Traced<number>, Traced<number>>({ codec })
    await using request = new Request<Traced<number>, Traced<number>>({ codec })
    request.connect(await reply.bind(ANY))
    void tracing.serve(reply, value => value * 2, { name: 'double' })
    expect(await tracing.request(request, 21, { name: 'ask' })).toBe(42)
    const [ask, double] = [spanOf('ask'), spanOf('double')]
    expect(ask.kind).toBe(api.SpanKind.CLIENT)
    expect(double.kind).toBe(api.SpanKind.SERVER)
    expect(double.spanContext().traceId).toBe(ask.spanContext().traceId)
    expect(double.parentSpanContext?.spanId).toBe(ask.spanContext().spanId)
  })

  test('makes the spans along a pipeline one trace, each the child of the one before', async () => {
    const codec = tracing.codec<string>()
    await using first = new Pull<Traced<string>>({ codec })
    await using second = new Pull<Traced<string>>({ codec })
    await using source = new Push<Traced<string>>({ codec })
    await using middle = new Push<Traced<string>>({ codec })
    source.connect(await first.bind(ANY))
    middle.connect(await second.bind(ANY))
    await tracing.send(source, 'a job', { name: 'produce' })
    await tracing.consume(
      await first.receive(),
      job => tracing.send(middle, `${job}, done`, { name: 'pass on' }),
      {
        name: 'work',
      },
    )
    const stop = new AbortController()
    const values: string[] = []
    const collect = (value: string) => {
      values.push(value)
      stop.abort()
    }
    await tracing.consumeAll(second, collect, { name: 'collect', signal: stop.signal })
    expect(values).toEqual(['a job, done'])
    const chain = ['produce', 'work', 'pass on', 'collect'].map(spanOf)
    expect(new Set(chain.map(span => span.spanContext().traceId)).size).toBe(1)
    for (const [at, span] of chain.entries()) {
      expect(span.parentSpanContext?.spanId).toBe(chain[at - 1]?.spanContext().spanId)
    }
  })

  test('tells of errors at both ends', async () => {
    const codec = tracing.codec()
    await using reply = new Reply<Traced<number>, Traced<number>>({ codec })
    await using request = new Request<Traced<number>, Traced<number>>({ codec })
    request.connect(await reply.bind(ANY))
    const handler = (): number => {
      throw new Error('not today')
    }
    void tracing.serve(reply, handler)
    await expect(tracing.request(request, 1)).rejects.toThrow('not today')
    for (const name of ['request', 'serve']) {
      expect(spanOf(name).status).toEqual({ code: api.SpanStatusCode.ERROR, message: 'not today' })
    }
  })

  test('reads messages without a context as such, and refuses an absurd one', async () => {
    const codec = tracing.codec<string>()
    await using pull = new Pull<Traced<string>>({ codec })
    await using plain = new Push<string>()
    plain.connect(await pull.bind(ANY))
    await plain.send('from elsewhere')
    expect(await pull.receive()).toEqual({ value: 'from elsewhere', carrier: {} })
    const value = codec.encode({ value: 'x', carrier: { traceparent: 'y'.repeat(5000) } })
    expect(() => codec.decode(value)).toThrow('a trace context of')
  })
})
