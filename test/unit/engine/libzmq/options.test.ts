/** What becomes of each option on libzmq: passed on, or refused; never ignored. */
import { expect, test } from 'vitest'
import type { CoreOptions } from '../../../../src/engine/engine.ts'
import { toNative } from '../../../../src/engine/libzmq/libzmq-options.ts'
import { OptionError } from '../../../../src/errors.ts'
import { completeOptions, type SocketOptions } from '../../../../src/options.ts'
import { SOCKET_TYPES, type SocketType } from '../../../../src/socket-type.ts'
import { open } from './support.ts'

const native = (type: SocketType, options: Partial<SocketOptions> = {}) =>
  toNative(type, { ...completeOptions(options), security: undefined, authenticate: undefined } as CoreOptions)

test.each(SOCKET_TYPES)('%s opens with every option at its default', async type => {
  await using socket = open(type)
  expect(socket.type).toBe(type)
})

test('what libzmq has is passed on in its units', () => {
  expect(
    native('DEALER', {
      sendHighWaterMark: 7,
      receiveHighWaterMark: Infinity,
      immediate: true,
      routingId: 'me',
      linger: Infinity,
      heartbeatInterval: Infinity,
      heartbeatTimeout: 1500,
      handshakeTimeout: 2000,
      connectTimeout: Infinity,
      reconnectInterval: 50,
      reconnectIntervalMax: Infinity,
      maxMessageSize: Infinity,
      backlog: 9,
      tcpKeepAlive: 45_000,
    }),
  ).toEqual({
    sendHighWaterMark: 7,
    receiveHighWaterMark: 0,
    immediate: true,
    routingId: Buffer.from('me'),
    linger: -1,
    heartbeatInterval: 0,
    heartbeatTimeout: 1500,
    handshakeInterval: 2000,
    connectTimeout: 0,
    reconnectInterval: 50,
    reconnectMaxInterval: 2 ** 31 - 1,
    maxMessageSize: -1,
    backlog: 9,
    tcpKeepalive: 1,
    tcpKeepaliveIdle: 45,
  })
  expect(native('PULL', { tcpKeepAlive: Infinity })).toMatchObject({ tcpKeepalive: 0 })
  expect(native('PUSH', { stallTimeout: 60_000 })).toMatchObject({ tcpMaxRetransmitTimeout: 60_000 })
  expect(native('ROUTER', { handover: true })).toMatchObject({ handover: true, mandatory: true })
  expect(native('PUB', { onFull: 'wait' })).toMatchObject({ noDrop: true, verbosity: 'allSubsUnsubs' })
})

test.each<Partial<SocketOptions>>([
  { sendHighWaterMarkBytes: 1000 },
  { receiveHighWaterMarkBytes: 1000 },
  { maxParts: 5 },
  { maxSubscriptions: 5 },
  { maxHandshakeSize: 300 },
  { maxHandshakes: 5 },
  { maxPeers: 5 },
  { maxDepartedBytes: 5 },
  { onFull: 'drop-oldest' },
  { dispatch: 'least-queued' },
  { unref: true },
  { trace: true },
])('what libzmq cannot do is refused by name: %o', options => {
  const [name] = Object.keys(options)
  expect(() => native('PUB', options)).toThrow(OptionError)
  expect(() => native('PUB', options)).toThrow(`option ${name} is`)
})

test('no limit is what libzmq has, so it may be asked for', () => {
  expect(() => native('PUSH', { sendHighWaterMarkBytes: Infinity, maxHandshakes: Infinity })).not.toThrow()
})
