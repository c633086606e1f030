/** Prints every span as it ends: in earnest an exporter sends them to a collector. */
import * as api from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { BasicTracerProvider, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { Tracing } from 'typedmq/observability'

/** Sets OpenTelemetry up for this process. */
export function startTracing(process: string): Tracing {
  const exporter = {
    export(spans: ReadableSpan[], done: (result: { code: number }) => void) {
      for (const span of spans) {
        const { traceId, spanId } = span.spanContext()
        const parent = span.parentSpanContext?.spanId ?? 'none'
        console.log(`${process} ${span.name}: trace ${traceId} span ${spanId} parent ${parent}`)
      }
      done({ code: 0 })
    },
    shutdown: async () => {},
  }
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  api.propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  api.trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  )
  return new Tracing(api)
}
