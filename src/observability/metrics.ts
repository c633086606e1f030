/** Sockets as Prometheus metrics, read from their counters when somebody scrapes. */
import type { Counter, Gauge, Registry } from 'prom-client'
import { OptionError } from '../errors.ts'
import type { Delay, Socket, SocketStats } from '../index.ts'

/** What is used of `prom-client`: pass the module itself. */
export interface PrometheusClient {
  readonly register: Registry
  readonly Counter: new (configuration: any) => Counter<any>
  readonly Gauge: new (configuration: any) => Gauge<any>
}

export interface MetricsOptions {
  /** Default: the one of the client. */
  readonly registry?: Registry | undefined
  /** What every metric's name begins with. Default `typedmq_`. */
  readonly prefix?: string | undefined
  /** Most names of sockets; those beyond are summed up as `other`. Default 100. */
  readonly maxNames?: number | undefined
}

/** The name of the sockets that came after `maxNames` others. */
const OTHER = 'other'

type Labels = Readonly<Record<string, string>>
type Report = (labels: Labels, value: number | undefined) => void
type Read = (stats: SocketStats, report: Report) => void

/**
 * Labels are the name given to `add`, the socket type, and words of fixed lists: never a peer, an address or a topic, of which a
 * stranger could make any number. Sockets of one name and type are summed up.
 */
export class Metrics implements Disposable {
  readonly #registry: Registry
  readonly #sockets = new Map<Socket, string>()
  readonly #names = new Set<string>()
  readonly #maxNames: number
  readonly #metricNames: string[] = []

  constructor(client: PrometheusClient, options: MetricsOptions = {}) {
    const { registry = client.register, prefix = 'typedmq_', maxNames = 100 } = options
    if (!(maxNames >= 1))
      throw new OptionError('maxNames', `option maxNames is ${maxNames}; it must be at least 1`)
    this.#registry = registry
    this.#maxNames = maxNames
    for (const { kind, name, help, labels, read } of METRICS) {
      const configuration = {
        name: prefix + name,
        help,
        labelNames: ['socket', 'type', ...labels],
        registers: [registry],
      }
      this.#metricNames.push(configuration.name)
      if (kind === 'counter') {
        const counter = new client.Counter({ ...configuration, collect: () => this.#collect(counter, read) })
      } else {
        const gauge = new client.Gauge({ ...configuration, collect: () => this.#collect(gauge, read) })
      }
    }
  }

  /** Until it closes, the socket is part of the metrics under this name. */
  add(name: string, socket: Socket): void {
    if (this.#names.size < this.#maxNames || this.#names.has(name)) this.#names.add(name)
    this.#sockets.set(socket, this.#names.has(name) ? name : OTHER)
    socket.events.once('close', () => this.#sockets.delete(socket))
  }

  /** Takes the metrics out of the registry. */
  [Symbol.dispose](): void {
    this.#sockets.clear()
    for (const name of this.#metricNames) this.#registry.removeSingleMetric(name)
  }

  #collect(metric: Counter<string> | Gauge<string>, read: Read): void {
    metric.reset()
    for (const [socket, name] of this.#sockets) {
      const { type } = socket.description
      read(socket.stats(), (labels, value) => {
        if (value !== undefined) metric.inc({ socket: name, type, ...labels }, value)
      })
    }
  }
}

interface Metric {
  readonly kind: 'counter' | 'gauge'
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly read: Read
}

const METRICS: readonly Metric[] = [
  {
    kind: 'counter',
    name: 'messages_total',
    help: 'Messages sent and received',
    labels: ['direction'],
    read: ({ traffic }, report) => {
      report({ direction: 'sent' }, traffic.sent)
      report({ direction: 'received' }, traffic.received)
    },
  },
  {
    kind: 'counter',
    name: 'bytes_total',
    help: 'Bytes of messages sent and received',
    labels: ['direction'],
    read: ({ traffic }, report) => {
      report({ direction: 'sent' }, traffic.sentBytes)
      report({ direction: 'received' }, traffic.receivedBytes)
    },
  },
  {
    kind: 'gauge',
    name: 'queued_messages',
    help: 'Messages that wait to be sent or to be received now',
    labels: ['direction'],
    read: ({ traffic }, report) => {
      report({ direction: 'send' }, traffic.queued)
      report({ direction: 'receive' }, traffic.waiting)
    },
  },
  {
    kind: 'gauge',
    name: 'queued_bytes',
    help: 'Bytes that wait to be sent now',
    labels: [],
    read: ({ traffic }, report) => report({}, traffic.queuedBytes),
  },
  {
    kind: 'gauge',
    name: 'departed_bytes',
    help: 'Bytes that disconnected peers have left to be received',
    labels: [],
    read: ({ departed }, report) => report({}, departed?.bytes),
  },
  {
    kind: 'gauge',
    name: 'held_up_peers',
    help: 'New peers that wait until what disconnected peers have left is received',
    labels: [],
    read: ({ departed }, report) => report({}, departed?.holding),
  },
  {
    kind: 'gauge',
    name: 'mark_messages',
    help: 'High-water marks in messages, summed up over the peers',
    labels: ['direction'],
    read: ({ peers }, report) => {
      for (const { marks } of peers) {
        report({ direction: 'send' }, marks?.send.messages)
        report({ direction: 'receive' }, marks?.receive.messages)
      }
    },
  },
  {
    kind: 'counter',
    name: 'dropped_total',
    help: 'Messages dropped, by cause',
    labels: ['cause'],
    read: ({ dropped }, report) => {
      for (const [cause, count] of Object.entries(dropped)) report({ cause }, count)
    },
  },
  {
    kind: 'counter',
    name: 'invalid_total',
    help: 'Received messages that did not decode or pass the schema',
    labels: [],
    read: ({ invalid }, report) => report({}, invalid),
  },
  {
    kind: 'counter',
    name: 'possibly_lost_total',
    help: 'Upper bound of messages lost with connections',
    labels: [],
    read: ({ possiblyLost }, report) => report({}, possiblyLost),
  },
  {
    kind: 'counter',
    name: 'reconnections_total',
    help: 'Connections that were established again',
    labels: [],
    read: ({ reconnections }, report) => report({}, reconnections),
  },
  {
    kind: 'gauge',
    name: 'peers',
    help: 'Peers by state',
    labels: ['state'],
    read: ({ peers }, report) => {
      for (const state of ['connecting', 'ready', 'full', 'paused']) report({ state }, 0)
      for (const { state } of peers) report({ state: state ?? 'ready' }, 1)
    },
  },
  {
    kind: 'gauge',
    name: 'wait_seconds',
    help: 'Time messages wait in a queue, from a sample',
    labels: ['direction', 'quantile'],
    read: ({ sendDelay, receiveDelay }, report) => {
      quantiles(sendDelay, (labels, value) => report({ direction: 'send', ...labels }, value))
      quantiles(receiveDelay, (labels, value) => report({ direction: 'receive', ...labels }, value))
    },
  },
  {
    kind: 'counter',
    name: 'traced_total',
    help: 'Messages received whose path was traced',
    labels: [],
    read: ({ trace }, report) => report({}, trace?.messages),
  },
  {
    kind: 'gauge',
    name: 'trace_seconds',
    help: 'Time that traced messages took on each stretch of their path, of the latest',
    labels: ['stage', 'quantile'],
    read: ({ trace }, report) => {
      for (const stage of STAGES) {
        quantiles(trace?.[stage], (labels, value) => report({ stage, ...labels }, value))
      }
    },
  },
]

const STAGES = ['produce', 'queue', 'consume', 'latency'] as const

function quantiles(delay: Delay | undefined, report: Report): void {
  if (delay === undefined) return
  report({ quantile: '0.5' }, delay.p50 / 1000)
  report({ quantile: '0.9' }, delay.p90 / 1000)
  report({ quantile: '0.99' }, delay.p99 / 1000)
}
