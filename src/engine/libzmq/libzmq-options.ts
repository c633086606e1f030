/** Every option of a socket and what becomes of it on libzmq: one table. What libzmq cannot do is refused, never ignored. */
import { OptionError } from '../../errors.ts'
import { completeOptions, type SocketOptions } from '../../options.ts'
import { SOCKET_TYPES, type SocketType } from '../../socket-type.ts'
import type { CoreOptions } from '../engine.ts'

/** Properties of a zeromq.js socket. */
type Settings = Record<string, unknown>

/** Adds settings for one option, or throws what is wrong with it here. */
type Rule<Name extends keyof SocketOptions> = (
  value: SocketOptions[Name],
  settings: Settings,
  type: SocketType,
) => void

export const SENDERS: readonly SocketType[] = SOCKET_TYPES.filter(type => type !== 'PULL' && type !== 'SUB')
export const RECEIVERS: readonly SocketType[] = SOCKET_TYPES.filter(type => type !== 'PUSH' && type !== 'PUB')
/** Those that say who they are in their handshake. */
const NAMED: readonly SocketType[] = ['REQ', 'REP', 'DEALER', 'ROUTER']

const DEFAULTS = completeOptions({})

/** Where libzmq says 0 for no limit, or never. */
const zeroForInfinity = (value: number) => (value === Infinity ? 0 : Math.ceil(value))
/** Where libzmq says -1 for no limit, or never. */
const minusOneForInfinity = (value: number) => (value === Infinity ? -1 : Math.ceil(value))

/** Passes a value through under zeromq.js's name, converted. */
const as =
  <Value>(name: string, convert: (value: Value) => unknown = value => value) =>
  (value: Value, settings: Settings) => {
    settings[name] = convert(value)
  }

/** For a limit that libzmq does not have: the default stands for "not asked for", and Infinity is what libzmq does. */
const unlimited =
  <Name extends keyof SocketOptions>(name: Name, why: string): Rule<Name> =>
  value => {
    if (value === DEFAULTS[name] || value === Infinity) return
    throw new OptionError(
      name,
      `option ${name} is ${String(value)}; the libzmq engine cannot keep it: ${why}`,
    )
  }

/** For a choice of which libzmq has only one. */
const only =
  <Name extends keyof SocketOptions>(name: Name, why: string, ...values: SocketOptions[Name][]): Rule<Name> =>
  value => {
    if (values.includes(value)) return
    throw new OptionError(name, `option ${name} is ${String(value)}; the libzmq engine cannot do it: ${why}`)
  }

/** Done by the socket above, or by this engine's own code. */
const elsewhere = () => {}

const RULES: { readonly [Name in keyof SocketOptions]: Rule<Name> } = {
  sendHighWaterMark: (value, settings, type) => {
    if (SENDERS.includes(type)) settings['sendHighWaterMark'] = zeroForInfinity(value)
  },
  receiveHighWaterMark: (value, settings, type) => {
    if (RECEIVERS.includes(type)) settings['receiveHighWaterMark'] = zeroForInfinity(value)
  },
  sendHighWaterMarkBytes: unlimited('sendHighWaterMarkBytes', 'libzmq counts messages only'),
  receiveHighWaterMarkBytes: unlimited('receiveHighWaterMarkBytes', 'libzmq counts messages only'),
  immediate: as('immediate'),
  routingId: (value, settings, type) => {
    if (value.length > 0 && NAMED.includes(type)) settings['routingId'] = Buffer.from(value as string)
  },
  linger: as('linger', minusOneForInfinity),
  heartbeatInterval: as('heartbeatInterval', zeroForInfinity),
  heartbeatTimeout: as('heartbeatTimeout', zeroForInfinity),
  // Besides, its heartbeats give up every peer that does not answer.
  stallTimeout: (value, settings) => {
    if (value !== Infinity) settings['tcpMaxRetransmitTimeout'] = Math.ceil(value)
  },
  handshakeTimeout: as('handshakeInterval', zeroForInfinity),
  connectTimeout: as('connectTimeout', zeroForInfinity),
  reconnectInterval: as('reconnectInterval', minusOneForInfinity),
  reconnectIntervalMax: as('reconnectMaxInterval', value => Math.min(Math.ceil(value), 2 ** 31 - 1)),
  // Of one part; the sum is checked when sending.
  maxMessageSize: as('maxMessageSize', minusOneForInfinity),
  maxDecodedSize: elsewhere,
  maxDepth: elsewhere,
  maxParts: unlimited('maxParts', 'libzmq receives any number of parts'),
  maxSubscriptions: unlimited('maxSubscriptions', 'libzmq takes any number of subscriptions'),
  maxTopics: unlimited('maxTopics', 'libzmq takes any number of subscriptions'),
  maxHandshakeSize: unlimited('maxHandshakeSize', 'libzmq has its own limit'),
  maxHandshakes: unlimited('maxHandshakes', 'libzmq accepts any number of connections'),
  maxPeers: unlimited('maxPeers', 'libzmq lets any number of peers in'),
  maxDepartedBytes: unlimited('maxDepartedBytes', 'libzmq keeps what peers have left to itself'),
  backlog: as('backlog'),
  tcpKeepAlive: (value, settings) => {
    settings['tcpKeepalive'] = value === Infinity ? 0 : 1
    if (value !== Infinity) settings['tcpKeepaliveIdle'] = Math.ceil(value / 1000)
  },
  onFull: (value, settings, type) => {
    if (value === 'drop-oldest')
      throw new OptionError('onFull', 'option onFull is "drop-oldest"; libzmq can drop only the newest')
    if (value === 'wait' && (type === 'PUB' || type === 'XPUB')) settings['noDrop'] = true
  },
  dispatch: only('dispatch', 'libzmq deals in turn only', 'round-robin'),
  mandatory: elsewhere,
  handover: (value, settings, type) => {
    if (type === 'ROUTER') settings['handover'] = value
  },
  verbose: elsewhere,
  strict: elsewhere,
  unref: only('unref', 'an open zeromq.js socket keeps the process alive', false),
  copy: elsewhere,
  trace: only('trace', 'libzmq keeps its queues and its commands to itself', false),
}

/** What to give the zeromq.js constructor. Throws `OptionError` for what libzmq cannot do. */
export function toNative(type: SocketType, options: CoreOptions): Settings {
  const settings: Settings = {}
  for (const name of Object.keys(RULES) as (keyof SocketOptions)[]) {
    ;(RULES[name] as Rule<keyof SocketOptions>)(options[name], settings, type)
  }
  // Both are ROUTER underneath. A refused send is told, so that it can be counted or rejected here.
  if (type === 'ROUTER' || type === 'REP') settings['mandatory'] = true
  // Every subscription and its end is told, so that they can be counted.
  if (type === 'PUB' || type === 'XPUB') settings['verbosity'] = 'allSubsUnsubs'
  return settings
}
