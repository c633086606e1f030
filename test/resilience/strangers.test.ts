/** Whoever does not keep to the protocol, or says nothing, loses that one connection; nothing else is disturbed. */
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { raw } from '../../src/codec/raw.ts'
import { ZmtpEngine } from '../../src/engine/zmtp/zmtp-engine.ts'
import { MessageSizeError, ProtocolError, SecurityError, TimeoutError } from '../../src/errors.ts'
import { completeOptions } from '../../src/options.ts'
import { Publisher } from '../../src/sockets/pub-sub.ts'
import { Pull, Push } from '../../src/sockets/push-pull.ts'
import type { ByteTransport } from '../../src/transport/transport.ts'
import { encodeFrame, FLAG_COMMAND, FLAG_MORE } from '../../src/wire/frame.ts'
import { encodeGreetingRest, encodeGreetingStart } from '../../src/wire/greeting.ts'
import { command, greeting, introduction, RawPeer, RawServer, ready } from '../support/raw-peer.ts'
import { tcp } from '../support/transports.ts'

/** The header of a frame that promises so many bytes. */
function header(flags: number, length: bigint): Uint8Array {
  const bytes = Buffer.alloc(9)
  bytes[0] = flags | 2
  bytes.writeBigUInt64BE(length, 1)
  return bytes
}

const BEFORE: readonly (readonly [
  string,
  Uint8Array,
  typeof ProtocolError | typeof SecurityError | typeof MessageSizeError,
])[] = [
  ['a browser', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), ProtocolError],
  ['a TLS client', Buffer.from('16030100f1010000ed0303', 'hex'), ProtocolError],
  ['zero bytes', Buffer.alloc(100), ProtocolError],
  ['a ZMTP 1.0 peer', Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7e]), ProtocolError],
  [
    'another mechanism',
    Buffer.concat([encodeGreetingStart(), encodeGreetingRest('CURVE', false)]),
    SecurityError,
  ],
  [
    'a mechanism that is no word',
    Buffer.concat([encodeGreetingStart(), encodeGreetingRest('\x01\x02', false)]),
    ProtocolError,
  ],
  [
    'a command that promises a terabyte',
    Buffer.concat([greeting, header(FLAG_COMMAND, 2n ** 40n)]),
    MessageSizeError,
  ],
  [
    'a length beyond all numbers',
    Buffer.concat([greeting, header(FLAG_COMMAND, 2n ** 64n - 1n)]),
    MessageSizeError,
  ],
  ['a message before READY', Buffer.concat([greeting, encodeFrame(0, Buffer.from('hello'))]), ProtocolError],
  ['a frame of reserved flags', Buffer.concat([greeting, Buffer.from([0xf8, 0])]), ProtocolError],
  [
    'a command without a name',
    Buffer.concat([greeting, encodeFrame(FLAG_COMMAND, Buffer.alloc(0))]),
    ProtocolError,
  ],
  [
    'metadata that end early',
    Buffer.concat([greeting, command('READY', Buffer.from([11, 0x53]))]),
    ProtocolError,
  ],
  ['a socket type that is none', Buffer.concat([greeting, ready('NONE' as never)]), ProtocolError],
  [
    'an identity with a zero byte',
    Buffer.concat([greeting, ready('PUSH', { Identity: '\0me' })]),
    ProtocolError,
  ],
]

const AFTER: readonly (readonly [string, Uint8Array, typeof ProtocolError | typeof MessageSizeError])[] = [
  ['a message over the limit', header(0, 1025n), MessageSizeError],
  [
    'parts that are over the limit together',
    Buffer.concat(Array.from({ length: 5 }, () => encodeFrame(FLAG_MORE, Buffer.alloc(250)))),
    MessageSizeError,
  ],
  [
    'more parts than allowed',
    Buffer.concat(Array.from({ length: 10 }, () => encodeFrame(FLAG_MORE, Buffer.alloc(0)))),
    MessageSizeError,
  ],
  ['a second READY', ready('PUSH'), ProtocolError],
  ['reserved flags', Buffer.from([0x80, 0]), ProtocolError],
  ['a PING with too long a context', command('PING', Buffer.alloc(2 + 17)), ProtocolError],
  ['a PING without a time', command('PING', Buffer.alloc(1)), ProtocolError],
  ['a subscription at a PULL', command('SUBSCRIBE', Buffer.from('a')), ProtocolError],
  ['an ERROR', command('ERROR', Buffer.from('\x04oops')), ProtocolError],
]

const limits = { maxMessageSize: 1024, maxParts: 8, linger: 0 }

/** A PULL with an honest peer, which must not notice anything. */
class Scene implements AsyncDisposable {
  readonly pull = new Pull({ codec: raw, ...limits, handshakeTimeout: 60_000 })
  readonly #push = new Push({ codec: raw, linger: 0 })
  endpoint = ''

  async open(): Promise<this> {
    this.endpoint = await this.pull.bind('tcp://127.0.0.1:0')
    this.#push.connect(this.endpoint)
    await this.pull.connected(1)
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#push.send(Buffer.from('undisturbed'))
    expect(String(await this.pull.receive({ timeout: 10_000 }))).toBe('undisturbed')
    expect(this.pull.peers).toHaveLength(1)
    await Promise.all([this.#push.close(), this.pull.close()])
  }
}

describe('before the handshake is over', () => {
  for (const [name, bytes, kind] of BEFORE) {
    it(`${name} ends that connection with a ${kind.name}`, async () => {
      await using scene = await new Scene().open()
      await using peer = await RawPeer.connect(scene.endpoint)
      const failed = once(scene.pull.events, 'handshake:failed')
      peer.say(bytes)
      const [{ error, endpoint }] = await failed
      expect(error).toBeInstanceOf(kind)
      expect(endpoint).toBe(scene.endpoint)
      peer.socket.end()
      await peer.over()
    })
  }

  it('somebody who says nothing is given up after handshakeTimeout', async () => {
    await using pull = new Pull({ codec: raw, handshakeTimeout: 20 })
    const failed = once(pull.events, 'handshake:failed')
    await using peer = await RawPeer.connect(await pull.bind('tcp://127.0.0.1:0'))
    const [{ error }] = await failed
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toContain('20 ms')
    await peer.over()
  })

  it('somebody who says one byte after the other is given up just as well', async () => {
    await using pull = new Pull({ codec: raw, handshakeTimeout: 60 })
    const failed = once(pull.events, 'handshake:failed')
    await using peer = await RawPeer.connect(await pull.bind('tcp://127.0.0.1:0'))
    let at = 0
    const dripping = setInterval(() => peer.say(introduction('PUSH').subarray(at, ++at)), 5)
    const [{ error }] = await failed
    clearInterval(dripping)
    expect(error).toBeInstanceOf(TimeoutError)
  })

  it('a server that says nothing is given up, and dialled again', async () => {
    await using server = await RawServer.saying(Buffer.alloc(0))
    await using push = new Push({ codec: raw, handshakeTimeout: 20, reconnectInterval: 1, linger: 0 })
    push.connect(server.endpoint)
    for (let tries = 0; tries < 2; tries++) {
      const [{ error }] = await once(push.events, 'handshake:failed')
      expect(error).toBeInstanceOf(TimeoutError)
    }
  })

  it('a connection that does not come about is given up after connectTimeout', async () => {
    const nowhere: ByteTransport = {
      kind: 'bytes',
      scheme: 'nowhere',
      check() {},
      listen: () => Promise.reject(new Error('nobody listens here')),
      dial: (_, signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    }
    const socket = new ZmtpEngine([() => nowhere]).open('PUSH', {
      ...completeOptions({ connectTimeout: 20 }),
      security: undefined,
      authenticate: undefined,
    })
    const retry = once(socket.events, 'connect:retry')
    socket.connect('nowhere://at all')
    const [{ error }] = await retry
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toContain('20 ms')
    await socket.close({ linger: 0 })
  })

  it('a port scan leaves nothing behind', async () => {
    await using scene = await new Scene().open()
    const failures: unknown[] = []
    scene.pull.events.on('handshake:failed', failure => failures.push(failure))
    for (let count = 0; count < 100; count++) {
      await using peer = await RawPeer.connect(scene.endpoint)
      if (count % 2 === 0) peer.socket.resetAndDestroy()
      else peer.socket.end()
    }
    await expect.poll(() => failures.length).toBe(100)
  })
})

describe('after the handshake', () => {
  for (const [name, bytes, kind] of AFTER) {
    it(`${name} ends that connection with a ${kind.name}`, async () => {
      await using scene = await new Scene().open()
      await using peer = await RawPeer.connect(scene.endpoint)
      peer.say(introduction('PUSH'))
      await scene.pull.connected(2)
      const gone = once(scene.pull.events, 'disconnect')
      peer.say(bytes)
      const [{ error }] = await gone
      expect(error).toBeInstanceOf(kind)
      await peer.over()
    })
  }

  it('what was said before the fault can still be received', async () => {
    await using pull = new Pull({ codec: raw, ...limits })
    await using peer = await RawPeer.connect(await pull.bind('tcp://127.0.0.1:0'))
    peer.say(introduction('PUSH'), encodeFrame(0, Buffer.from('good')), Buffer.from([0x80, 0]))
    expect(String(await pull.receive())).toBe('good')
  })

  it('unknown commands are ignored', async () => {
    await using pull = new Pull({ codec: raw, ...limits })
    await using peer = await RawPeer.connect(await pull.bind('tcp://127.0.0.1:0'))
    peer.say(introduction('PUSH'), command('NEWS', Buffer.from('of a later version')))
    peer.say(encodeFrame(0, Buffer.from('good')))
    expect(String(await pull.receive())).toBe('good')
  })

  it('more subscriptions than allowed end that connection', async () => {
    await using pub = new Publisher({ codec: raw, maxSubscriptions: 10, linger: 0 })
    await using peer = await RawPeer.connect(await pub.bind(tcp.fresh()))
    const gone = once(pub.events, 'disconnect')
    peer.say(introduction('SUB'))
    peer.say(...Array.from({ length: 20 }, (_, index) => command('SUBSCRIBE', Buffer.from(`topic ${index}`))))
    const [{ error }] = await gone
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error.message).toContain('10')
    await expect(pub.waitForSubscribers(1, undefined, { timeout: 1 })).rejects.toThrow(TimeoutError)
  })

  it('a flood of PINGs is answered no faster than it is read', async () => {
    await using pull = new Pull({ codec: raw, linger: 0 })
    await using peer = await RawPeer.connect(await pull.bind('tcp://127.0.0.1:0'))
    peer.say(introduction('PUSH'))
    await pull.connected()
    peer.socket.pause()
    const pings = Buffer.concat(Array.from({ length: 10_000 }, () => command('PING', Buffer.alloc(18))))
    for (let count = 0; count < 20; count++) peer.socket.write(pings)
    peer.say(encodeFrame(0, Buffer.from('after all')))
    peer.socket.resume()
    expect(String(await pull.receive())).toBe('after all')
  })
})
