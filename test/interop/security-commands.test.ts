/** Commands travel sealed too: subscriptions and PINGs with libzmq under CURVE. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import * as zeromq from 'zeromq'
import { defaultEngine } from '../../src/engine/default.ts'
import { completeOptions } from '../../src/options.ts'
import { curveClient, curveKeyPair, curveServer } from '../../src/security/curve/index.ts'
import type { Security } from '../../src/security/mechanism.ts'
import type { SocketType } from '../../src/socket-type.ts'
import { type WholeSocket, whole } from '../support/whole.ts'

const SERVER = curveKeyPair()
const CLIENT = curveKeyPair()
const THEIR_CLIENT = {
  linger: 0,
  curvePublicKey: CLIENT.publicKey,
  curveSecretKey: CLIENT.secretKey,
  curveServerKey: SERVER.publicKey,
}
const THEIR_SERVER = {
  linger: 0,
  curveServer: true,
  curvePublicKey: SERVER.publicKey,
  curveSecretKey: SERVER.secretKey,
} as const

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

function open(type: SocketType, security: Security): WholeSocket {
  const options = completeOptions({ linger: 0, heartbeatInterval: 20, heartbeatTimeout: 20_000 })
  const socket = whole(defaultEngine.open(type, { ...options, security, authenticate: undefined }))
  closing.push(() => socket.close())
  return socket
}

describe('under CURVE', () => {
  test('libzmq gets our subscriptions and answers our PINGs', async () => {
    const publisher = new zeromq.XPublisher(THEIR_SERVER)
    closing.push(() => publisher.close())
    await publisher.bind('tcp://127.0.0.1:*')
    const subscriber = open('SUB', curveClient({ ...CLIENT, serverKey: SERVER.publicKey }))
    subscriber.subscribe!(Buffer.from('a'))
    subscriber.connect(publisher.lastEndpoint!)
    expect(String((await publisher.receive())[0])).toBe('\x01a')
    await subscriber.ready!()
    await publisher.send(['b', 'not asked for'])
    await publisher.send(['a', 'x'.repeat(1000)])
    expect(String(await subscriber.receive())).toBe(`a,${'x'.repeat(1000)}`)
    subscriber.unsubscribe!(Buffer.from('a'))
    expect(String((await publisher.receive())[0])).toBe('\x00a')
    await vi.waitFor(() => expect(subscriber.peers[0]!.roundTrip).toBeGreaterThan(0))
  })

  test("we get libzmq's subscriptions, and its PINGs do not disturb", async () => {
    const publisher = open('XPUB', curveServer(SERVER))
    const endpoint = await publisher.bind('tcp://127.0.0.1:0')
    const subscriber = new zeromq.Subscriber({
      ...THEIR_CLIENT,
      heartbeatInterval: 5,
      heartbeatTimeout: 10_000,
    })
    closing.push(() => subscriber.close())
    subscriber.subscribe('a')
    subscriber.connect(endpoint)
    expect(String(await publisher.receive())).toBe('\x01a')
    for (let count = 0; count < 200; count++) {
      await publisher.send([Buffer.from('a'), Buffer.from(String(count))])
      const [, body] = await subscriber.receive()
      expect(String(body)).toBe(String(count))
    }
    await vi.waitFor(() => expect(publisher.peers[0]!.roundTrip).toBeGreaterThan(0))
    subscriber.unsubscribe('a')
    expect(String(await publisher.receive())).toBe('\x00a')
  })
})

describe('the largest message', () => {
  const LIMIT = 1000

  test.each(['curve', 'clear'])('is as large in %s as the option says', async how => {
    const [one, two] = [SERVER, CLIENT]
    const options = completeOptions({ linger: 0, maxMessageSize: LIMIT })
    const open = (type: SocketType, security: Security | undefined) => {
      const socket = whole(defaultEngine.open(type, { ...options, security, authenticate: undefined }))
      closing.push(() => socket.close())
      return socket
    }
    const secure = how === 'curve'
    const pull = open('PULL', secure ? curveServer(one) : undefined)
    const push = open('PUSH', secure ? curveClient({ ...two, serverKey: one.publicKey }) : undefined)
    push.connect(await pull.bind('tcp://127.0.0.1:0'))
    await push.send(Buffer.alloc(LIMIT, 1))
    expect(await pull.receive({ timeout: 2_000 })).toHaveLength(LIMIT)
    const parts = [400, 300, 300].map(size => Buffer.alloc(size))
    await push.send(parts)
    expect(await pull.receive({ timeout: 2_000 })).toHaveLength(3)
  })
})
