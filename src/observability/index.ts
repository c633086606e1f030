/** Package entry `typedmq/observability`: how sockets are seen from outside the program. */
export { type ChannelName, channelOf, type Published } from './channels.ts'
export { Metrics, type MetricsOptions, type PrometheusClient } from './metrics.ts'
export type { PeerSnapshot, SocketSnapshot } from './snapshot.ts'
export {
  readStatistics,
  type Snapshot,
  type StatisticsEndpoint,
  type StatisticsOptions,
  serveStatistics,
} from './statistics.ts'
export type { Carrier, Traced } from './traced.ts'
export { type OpenTelemetry, type SpanOptions, Tracing } from './tracing.ts'
