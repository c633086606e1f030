/** CURVE against somebody on the way: nothing that was changed, repeated or made up is ever received. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { raw } from '../../src/codec/raw.ts'
import { ProtocolError, SecurityError } from '../../src/errors.ts'
import { curveClient, curveKeyPair, curveServer } from '../../src/security/curve/index.ts'
import { Pull, Push } from '../../src/sockets/push-pull.ts'
import { encodeFrame } from '../../src/wire/frame.ts'
import { TamperingProxy } from './tampering-proxy.ts'

const SERVER = curveKeyPair()
/** Only what a test sends may be under way, so no PINGs. */
const QUIET = {
  codec: raw,
  linger: 0,
  heartbeatInterval: Infinity,
  reconnectInterval: 10,
  reconnectIntervalMax: 20,
}

let pull: Pull<any>
let push: Push<any>
let proxy: TamperingProxy

beforeEach(async () => {
  pull = new Pull({ ...QUIET, security: curveServer(SERVER) })
  proxy = await TamperingProxy.open(await pull.bind('tcp://127.0.0.1:0'))
  push = new Push({ ...QUIET, security: curveClient({ ...curveKeyPair(), serverKey: SERVER.publicKey }) })
  push.connect(proxy.endpoint)
  await Promise.all([push.connected(), pull.connected()])
})

afterEach(async () => {
  await Promise.all([push.close(), pull.close()])
  await proxy[Symbol.asyncDispose]()
})

/** Sends one message and has the proxy do this to its one chunk; the rest passes. */
async function sendThrough(change: NonNullable<TamperingProxy['tamper']>): Promise<void> {
  proxy.tamper = chunk => {
    proxy.tamper = undefined
    return change(chunk)
  }
  await push.send(Buffer.from('changed'))
}

/** The next message is the next one that was not meddled with. */
async function expectHonestMessage(): Promise<void> {
  await Promise.all([push.connected(), pull.connected()])
  await push.send(Buffer.from('honest'))
  expect(String(await pull.receive({ timeout: 10_000 }))).toBe('honest')
}

describe('a message on its way', () => {
  // Flags and length, name, nonce, authenticator, ciphertext: the frame has 2 + 33 + 7 bytes.
  test.each([0, 2, 3, 9, 10, 17, 18, 33, 34, 35, 41])('is not received when byte %i is changed', async at => {
    const gone = once(pull.events, 'disconnect')
    const lost = once(push.events, 'disconnect')
    await sendThrough(chunk => {
      expect(chunk).toHaveLength(42)
      chunk[at]! ^= 1
      return { toServer: [chunk] }
    })
    expect((await gone)[0].error).toBeInstanceOf(ProtocolError)
    await lost
    await expectHonestMessage()
  })

  test('is received once when it is repeated', async () => {
    const gone = once(pull.events, 'disconnect')
    await sendThrough(chunk => ({ toServer: [chunk, chunk] }))
    expect(String(await pull.receive())).toBe('changed')
    expect((await gone)[0].error).toMatchObject({ message: expect.stringContaining('replayed') })
    expect(pull.tryReceive()).toBeUndefined()
  })

  test('is not received after a later one', async () => {
    const gone = once(pull.events, 'disconnect')
    let first: Buffer | undefined
    proxy.tamper = chunk => {
      if (first === undefined) {
        first = chunk
        void push.send(Buffer.from('second'))
        return {}
      }
      return { toServer: [chunk, first] }
    }
    await push.send(Buffer.from('first'))
    expect(String(await pull.receive())).toBe('second')
    expect((await gone)[0].error).toMatchObject({ message: expect.stringContaining('replayed') })
    expect(pull.tryReceive()).toBeUndefined()
  })

  test('does not come back to its sender as one of the peer', async () => {
    const gone = once(push.events, 'disconnect')
    await sendThrough(chunk => ({ toClient: [chunk] }))
    expect((await gone)[0].error).toBeInstanceOf(ProtocolError)
  })

  test('is not received in clear', async () => {
    for (const flags of [0, 4]) {
      const gone = once(pull.events, 'disconnect')
      const lost = once(push.events, 'disconnect')
      await sendThrough(() => ({ toServer: [Buffer.from(encodeFrame(flags, Buffer.from('\x04PING\0\0')))] }))
      expect((await gone)[0].error).toBeInstanceOf(ProtocolError)
      await lost
      await expectHonestMessage()
    }
  })
})

describe('a recorded connection', () => {
  test('cannot be played again', async () => {
    await push.send(Buffer.from('once'))
    expect(String(await pull.receive())).toBe('once')
    const failed = once(pull.events, 'handshake:failed')
    const [endpoint] = pull.description.endpoints
    const player = connect(Number(endpoint!.split(':').at(-1)), '127.0.0.1')
    player.on('error', () => {})
    player.resume()
    for (const chunk of proxy.recorded) player.write(chunk)
    expect((await failed)[0].error).toBeInstanceOf(SecurityError)
    expect(pull.tryReceive()).toBeUndefined()
    player.destroy()
    await expectHonestMessage()
  })

  test('cannot be used from the middle', async () => {
    const { recorded } = proxy
    const failed = once(pull.events, 'handshake:failed')
    const [endpoint] = pull.description.endpoints
    const player = connect(Number(endpoint!.split(':').at(-1)), '127.0.0.1')
    player.on('error', () => {})
    player.resume()
    const all = Buffer.concat(recorded)
    // The greeting, and then INITIATE where HELLO is due: HELLO's frame has 2 + 200 bytes.
    player.write(Buffer.concat([all.subarray(0, 64), all.subarray(64 + 202)]))
    expect((await failed)[0].error).toBeInstanceOf(ProtocolError)
    player.destroy()
    await expectHonestMessage()
  })
})
