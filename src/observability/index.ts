/** Package entry `typedmq/observability`: how sockets are seen from outside the program. */
export {
  readStatistics,
  type Snapshot,
  type SocketSnapshot,
  type StatisticsEndpoint,
  type StatisticsOptions,
  serveStatistics,
} from './statistics.ts'
