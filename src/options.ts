/** The options of a socket: type, default and check of each in one table. Durations are milliseconds, sizes bytes, `Infinity` is never. */
import { utf8 } from './bytes.ts'
import { OptionError } from './errors.ts'

export interface SocketOptions {
  /** ZMQ_SNDHWM. Messages that may wait for one peer before `send` waits or, on Publisher, drops. Default 1000. */
  readonly sendHighWaterMark: number
  /** Bytes that may wait for one peer; an empty queue takes any legal message. Default 64 MiB. */
  readonly sendHighWaterMarkBytes: number
  /** ZMQ_RCVHWM. Messages of one peer that may wait to be received before that peer is no longer read. Default 1000. */
  readonly receiveHighWaterMark: number
  /** Bytes of one peer that may wait to be received. Default 64 MiB. */
  readonly receiveHighWaterMarkBytes: number
  /** ZMQ_IMMEDIATE. Queue only to peers that are connected; by default `connect` opens a queue at once. Default false. */
  readonly immediate: boolean
  /** ZMQ_ROUTING_ID. The name a Router knows this socket by: 1 to 255 bytes, not starting with a zero byte. Default none. */
  readonly routingId: Uint8Array | string
  /** ZMQ_LINGER. How long `close` goes on sending what is queued. Default 5,000. */
  readonly linger: number
  /** ZMQ_HEARTBEAT_IVL. Interval of PINGs to each ZMTP 3.1 peer. Default 10,000; `Infinity` sends none. */
  readonly heartbeatInterval: number
  /** ZMQ_HEARTBEAT_TIMEOUT. Silence after which a peer is given up. Default 30,000. */
  readonly heartbeatTimeout: number
  /** ZMQ_TCP_MAXRT. Silence after which a peer is given up that has messages in flight, and may be alive and not reading. Default `Infinity`: when the system gives up. */
  readonly stallTimeout: number
  /** ZMQ_HANDSHAKE_IVL. Time a new connection has to complete its handshake. Default 10,000. */
  readonly handshakeTimeout: number
  /** ZMQ_CONNECT_TIMEOUT. Time one attempt to dial may take. Default 5,000. */
  readonly connectTimeout: number
  /** ZMQ_RECONNECT_IVL. First pause before dialling again; it doubles, with jitter. Default 100. */
  readonly reconnectInterval: number
  /** ZMQ_RECONNECT_IVL_MAX. Longest pause before dialling again. Default 5,000. */
  readonly reconnectIntervalMax: number
  /** ZMQ_MAXMSGSIZE. Largest message, all parts together, that a peer may send or that `send` takes. Default 64 MiB. */
  readonly maxMessageSize: number
  /** Most parts of one message. A part costs about 100 bytes of its own, which the byte marks do not count. Default 1,000. */
  readonly maxParts: number
  /** Most bytes of memory a message may become when `msgpack` or `json` decodes it, by a generous estimate; also what they encode. Default 256 MiB. */
  readonly maxDecodedSize: number
  /** Most arrays and objects within each other in a value of `msgpack` or `json`. Default 256. */
  readonly maxDepth: number
  /** Most subscriptions one peer may hold at a publishing socket. Default 100,000. */
  readonly maxSubscriptions: number
  /** XPublisher: most different topics that all peers together may subscribe to; at one more the peer with the greatest share is disconnected. Default 100,000, what a publisher takes from one broker. */
  readonly maxTopics: number
  /** Most bytes of a peer's handshake commands, metadata included. Default 16 KiB. */
  readonly maxHandshakeSize: number
  /** Most accepted connections that may be in their handshake at once, per bound endpoint; one more ends the oldest. Default 10,000. */
  readonly maxHandshakes: number
  /** Most peers that have come to a bound endpoint and are connected at once, per socket; one more is refused with an ERROR. inproc is not counted. Default 15,000. */
  readonly maxPeers: number
  /** Bytes that peers may have left to be received when they disconnected, all together: 100 more count for each part of a message, 6 KiB for each peer. From then on new peers wait in their handshake until something is read. Default 64 MiB. */
  readonly maxDepartedBytes: number
  /** ZMQ_BACKLOG. Connections the system may hold before they are accepted; it has a limit of its own. Default 4,096. */
  readonly backlog: number
  /** ZMQ_TCP_KEEPALIVE_IDLE. Idle time before TCP probes the peer; `Infinity` switches probes off. Default 30,000. */
  readonly tcpKeepAlive: number
  /** What a publishing socket does with a message for a peer at its mark, and a Router with one for a full peer. */
  readonly onFull: 'drop-newest' | 'drop-oldest' | 'wait' | 'reject'
  /** How Push, Dealer and Request choose among peers with room. Default 'round-robin'. */
  readonly dispatch: 'round-robin' | 'least-queued'
  /** ZMQ_ROUTER_MANDATORY. Router: reject a message for an unknown routing id; false drops and counts it. Default true. */
  readonly mandatory: boolean
  /** ZMQ_ROUTER_HANDOVER. Router: a newcomer takes over a routing id that is in use. Default false: it is refused. */
  readonly handover: boolean
  /** ZMQ_XPUB_VERBOSE. XPublisher: yield every subscription, also those that change nothing. Default false. */
  readonly verbose: boolean
  /** Request without ZMQ_REQ_CORRELATE: no request-id frame, one request on the wire at a time. For routers written by hand that do not echo the whole envelope. Default false. */
  readonly strict: boolean
  /** Do not keep the process alive while the socket is open. Default false. */
  readonly unref: boolean
  /** Copy a buffer at `send`, so that the caller may change it at once. Only matters with `codec: raw`. Default false. */
  readonly copy: boolean
  /** Measure the path of each message: produce, queue and consume time, in `stats().trace`. Both ends need it; other peers see nothing of it. Default false. */
  readonly trace: boolean
}

const MIB = 1024 * 1024

interface Rule {
  readonly default: unknown
  /** Says what would be right, or undefined when the value is. */
  readonly check: (value: unknown) => string | undefined
}

const count =
  (least: number, infinite = false) =>
  (value: unknown) =>
    (Number.isSafeInteger(value) && (value as number) >= least) || (infinite && value === Infinity)
      ? undefined
      : `a whole number of at least ${least}${infinite ? ', or Infinity' : ''}`
/** setTimeout's range; anything longer must be said as Infinity. */
const duration = (least: number) => (value: unknown) =>
  value === Infinity || (typeof value === 'number' && value >= least && value <= 2 ** 31 - 1)
    ? undefined
    : `milliseconds from ${least} to 2147483647, or Infinity`
const flag = (value: unknown) => (typeof value === 'boolean' ? undefined : 'true or false')
const oneOf =
  (...words: string[]) =>
  (value: unknown) =>
    words.includes(value as string) ? undefined : words.map(word => `'${word}'`).join(' or ')

function checkRoutingId(value: unknown): string | undefined {
  const wanted = 'a string or Uint8Array of 1 to 255 bytes that does not start with a zero byte'
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return wanted
  const bytes = typeof value === 'string' ? utf8(value) : value
  return bytes.length >= 1 && bytes.length <= 255 && bytes[0] !== 0 ? undefined : wanted
}

const RULES: Record<keyof SocketOptions, Rule> = {
  sendHighWaterMark: { default: 1000, check: count(1, true) },
  sendHighWaterMarkBytes: { default: 64 * MIB, check: count(1, true) },
  receiveHighWaterMark: { default: 1000, check: count(1, true) },
  receiveHighWaterMarkBytes: { default: 64 * MIB, check: count(1, true) },
  immediate: { default: false, check: flag },
  routingId: { default: '', check: checkRoutingId },
  linger: { default: 5_000, check: duration(0) },
  heartbeatInterval: { default: 10_000, check: duration(1) },
  heartbeatTimeout: { default: 30_000, check: duration(1) },
  stallTimeout: { default: Infinity, check: duration(1) },
  handshakeTimeout: { default: 10_000, check: duration(1) },
  connectTimeout: { default: 5_000, check: duration(1) },
  reconnectInterval: { default: 100, check: duration(1) },
  reconnectIntervalMax: { default: 5_000, check: duration(1) },
  maxMessageSize: { default: 64 * MIB, check: count(0, true) },
  maxParts: { default: 1_000, check: count(1) },
  maxDecodedSize: { default: 256 * MIB, check: count(0, true) },
  maxDepth: { default: 256, check: count(1) },
  maxSubscriptions: { default: 100_000, check: count(1, true) },
  maxTopics: { default: 100_000, check: count(1, true) },
  maxHandshakeSize: { default: 16 * 1024, check: count(256) },
  maxHandshakes: { default: 10_000, check: count(1, true) },
  // A connection takes a file descriptor, and 20,000 are a common limit of a process.
  maxPeers: { default: 15_000, check: count(1, true) },
  maxDepartedBytes: { default: 64 * MIB, check: count(1, true) },
  backlog: { default: 4_096, check: count(1) },
  tcpKeepAlive: { default: 30_000, check: duration(1000) },
  onFull: { default: undefined, check: oneOf('drop-newest', 'drop-oldest', 'wait', 'reject') },
  dispatch: { default: 'round-robin', check: oneOf('round-robin', 'least-queued') },
  mandatory: { default: true, check: flag },
  handover: { default: false, check: flag },
  verbose: { default: false, check: flag },
  strict: { default: false, check: flag },
  unref: { default: false, check: flag },
  copy: { default: false, check: flag },
  trace: { default: false, check: flag },
}

/**
 * Fills in defaults and checks every value; unknown names are refused.
 * Throws `OptionError` that quotes the value and says what would be right. `undefined` means the default.
 */
export function completeOptions(given: object, defaults: Partial<SocketOptions> = {}): SocketOptions {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new OptionError(
      'options',
      `the options are ${show(given)}; they must be an object, such as { linger: 0 }`,
    )
  }
  const complete: Record<string, unknown> = {}
  for (const [name, rule] of Object.entries(RULES))
    complete[name] = defaults[name as keyof SocketOptions] ?? rule.default
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof SocketOptions] : undefined
    if (rule === undefined) {
      throw new OptionError(name, `unknown option "${name}"; known are ${Object.keys(RULES).join(', ')}`)
    }
    const wanted = rule.check(value)
    if (wanted !== undefined)
      throw new OptionError(name, `option ${name} is ${show(value)}; it must be ${wanted}`)
    complete[name] = value
  }
  return Object.freeze(complete) as unknown as SocketOptions
}

function show(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, 100)}"`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}
