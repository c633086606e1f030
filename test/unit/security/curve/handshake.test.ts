import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ProtocolError, SecurityError } from '../../../../src/errors.ts'
import { transientPair } from '../../../../src/security/curve/boxes.ts'
import { CurveClient } from '../../../../src/security/curve/client.ts'
import { COOKIE_LIFETIME } from '../../../../src/security/curve/cookie.ts'
import { combine } from '../../../../src/security/curve/crypto.ts'
import { curveClient, curveKeyPair, curveServer } from '../../../../src/security/curve/index.ts'
import type { KeyPair } from '../../../../src/security/curve/keys.ts'
import { loadNative } from '../../../../src/security/curve/native.ts'
import { CurveServer } from '../../../../src/security/curve/server.ts'
import { loadSodium } from '../../../../src/security/curve/sodium.ts'
import { plain, plainServer } from '../../../../src/security/plain.ts'
import { decodeCommand } from '../../../../src/wire/command.ts'
import { encodeMetadata } from '../../../../src/wire/metadata.ts'
import { fc } from '../../../support/property.ts'
import {
  CONTEXT,
  converse,
  METADATA,
  REPORTED,
  refusal,
  STRAY_COMMANDS,
  spoil,
  spoilt,
  waysToSpoil,
} from '../machines.ts'

const sodium = await loadSodium()
const native = await loadNative()
const [SERVER, CLIENT, OTHER] = [transientPair(sodium), transientPair(sodium), transientPair(sodium)]

function client(keys: KeyPair = CLIENT, serverKey = SERVER.publicKey, crypto = sodium): CurveClient {
  return new CurveClient({ crypto, keys, serverKey, metadata: METADATA })
}

function server(now = () => 0, crypto = sodium): CurveServer {
  return new CurveServer({ crypto, keys: SERVER, metadata: METADATA, now })
}

/** A client and a server after HELLO and WELCOME. */
function welcomed(
  from = client(),
  to = server(),
): { from: CurveClient; to: CurveServer; initiate: Uint8Array } {
  const welcome = to.receive(from.start()[0]!)[0]!
  return { from, to, initiate: from.receive(welcome)[0]! }
}

describe('a CURVE handshake', () => {
  test('has the commands and sizes of RFC 26, and each end learns the other one', () => {
    const [from, to] = [client(), server()]
    const { fromClient, fromServer } = converse(from, to)
    const metadata = encodeMetadata(METADATA).length
    expect(fromClient.map(command => decodeCommand(command).name)).toEqual(['HELLO', 'INITIATE'])
    expect(fromClient.map(command => command.length)).toEqual([200, 257 + metadata])
    expect(fromServer.map(command => decodeCommand(command).name)).toEqual(['WELCOME', 'READY'])
    expect(fromServer.map(command => command.length)).toEqual([168, 30 + metadata])
    expect([from.peer, to.peer]).toEqual([REPORTED, REPORTED])
    expect([from.asServer, to.asServer]).toEqual([false, true])
    const sealed = from.cipher!.seal(1, Buffer.from('hello'))
    expect(to.cipher!.open(sealed)).toEqual({ flags: 1, body: Buffer.from('hello') })
  })

  test('works between the two crypto libraries', () => {
    const fast = combine(native!, sodium)
    for (const [one, two] of [
      [sodium, fast],
      [fast, sodium],
    ] as const) {
      const [from, to] = [client(CLIENT, SERVER.publicKey, one), server(() => 0, two)]
      converse(from, to)
      for (const size of [0, 1, 100_000]) {
        const body = randomBytes(size)
        expect(body.equals(to.cipher!.open(from.cipher!.seal(0, body)).body)).toBe(true)
        expect(body.equals(from.cipher!.open(to.cipher!.seal(0, body)).body)).toBe(true)
      }
    }
  })

  test('leaves the key and the metadata to be decided, and no peer or cipher before that', () => {
    const { to, initiate } = welcomed()
    expect(to.pending).toBeUndefined()
    to.receive(initiate)
    expect(to.pending).toEqual({ mechanism: 'CURVE', publicKey: CLIENT.publicKey, metadata: REPORTED })
    expect([to.peer, to.cipher]).toEqual([undefined, undefined])
  })

  test('carries any metadata', () => {
    const properties = fc.dictionary(
      fc.stringMatching(/^[a-z0-9._+-]{1,20}$/),
      fc.uint8Array({ maxLength: 300 }),
    )
    fc.assert(
      fc.property(properties, given => {
        const metadata = new Map(Object.entries(given).map(([name, value]) => [name, Buffer.from(value)]))
        const from = new CurveClient({ crypto: sodium, keys: CLIENT, serverKey: SERVER.publicKey, metadata })
        const to = new CurveServer({ crypto: sodium, keys: SERVER, metadata, now: () => 0 })
        converse(from, to)
        expect([from.peer, to.peer]).toEqual([metadata, metadata])
      }),
      { numRuns: 30 },
    )
  })

  test.each([400, 500] as const)('tells a client refused with %i so', status => {
    const [from, to] = [client(), server()]
    expect(() => converse(from, to, { status, reason: 'secret reason' })).toThrow(
      expect.objectContaining({ status, message: expect.not.stringContaining('secret reason') }),
    )
    expect([from.peer, from.cipher, to.peer, to.cipher]).toEqual(Array(4).fill(undefined))
  })

  test('is silent to a client refused for now, which may dial again', () => {
    const [from, to] = [client(), server()]
    expect(converse(from, to, { status: 300, reason: 'busy' }).fromServer).toHaveLength(1)
    expect([from.peer, to.peer]).toEqual([undefined, undefined])
  })

  test('cannot be decided before the client has asked, nor twice', () => {
    expect(() => server().decide({ status: 200 })).toThrow(SecurityError)
    const { to, initiate } = welcomed()
    expect(() => to.decide({ status: 200 })).toThrow(SecurityError)
    to.receive(initiate)
    to.decide({ status: 400, reason: '' })
    expect(() => to.decide({ status: 200 })).toThrow(SecurityError)
    expect(to.cipher).toBeUndefined()
  })

  test('uses new transient keys and nonces on every connection', () => {
    const one = converse(client(), server())
    const two = converse(client(), server())
    for (let at = 0; at < 2; at++) {
      expect(one.fromClient[at]).not.toEqual(two.fromClient[at])
      expect(one.fromServer[at]).not.toEqual(two.fromServer[at])
    }
  })
})

describe('wrong keys', () => {
  test('a client with another server key is refused at HELLO', () => {
    const from = client(CLIENT, OTHER.publicKey)
    expect(refusal(server(), from.start()[0]!)).toBeInstanceOf(SecurityError)
  })

  test('a server with another secret key cannot answer', () => {
    const impostor = new CurveServer({
      crypto: sodium,
      keys: { publicKey: SERVER.publicKey, secretKey: OTHER.secretKey },
      metadata: METADATA,
      now: () => 0,
    })
    expect(refusal(impostor, client().start()[0]!)).toBeInstanceOf(SecurityError)
  })

  test('a WELCOME from another server is refused', () => {
    const from = client()
    const [other, to] = [client(), server()]
    from.start()
    expect(refusal(from, to.receive(other.start()[0]!)[0]!)).toBeInstanceOf(SecurityError)
  })

  test("a client that claims somebody else's key is refused at its vouch", () => {
    const { to, initiate } = welcomed(client({ publicKey: OTHER.publicKey, secretKey: CLIENT.secretKey }))
    expect(refusal(to, initiate)).toMatchObject({ message: expect.stringContaining('vouch') })
    expect(to.pending).toBeUndefined()
  })

  test('a key of small order is refused wherever it could stand', () => {
    const zero = Buffer.alloc(32)
    expect(() => client(CLIENT, zero).start()).toThrow(SecurityError)
    const hello = Buffer.from(client().start()[0]!)
    hello.fill(0, 80, 112)
    expect(refusal(server(), hello)).toBeInstanceOf(SecurityError)
    const { to, initiate } = welcomed(client({ publicKey: zero, secretKey: CLIENT.secretKey }))
    expect(refusal(to, initiate)).toBeInstanceOf(SecurityError)
  })

  test('a key is refused with the bit set that X25519 ignores, for it would be a second name of the same key', () => {
    const second = Buffer.from(CLIENT.publicKey)
    second[31]! |= 0x80
    const { to, initiate } = welcomed(client({ publicKey: second, secretKey: CLIENT.secretKey }))
    expect(refusal(to, initiate)).toBeInstanceOf(SecurityError)
  })

  test('a recorded client is of no use on another connection', () => {
    const recorded = converse(client(), server()).fromClient
    const to = server()
    to.receive(recorded[0]!)
    expect(refusal(to, recorded[1]!)).toMatchObject({ message: expect.stringContaining('cookie') })
  })

  test('the cookie of one connection is of no use on another, even with the same HELLO', () => {
    const from = client()
    const hello = from.start()[0]!
    const [one, two] = [server(), server()]
    const initiate = from.receive(one.receive(hello)[0]!)[0]!
    two.receive(hello)
    expect(refusal(two, initiate)).toMatchObject({ message: expect.stringContaining('cookie') })
    expect(refusal(one, initiate)).toBeUndefined()
  })

  test('a cookie is good for a minute', () => {
    for (const [age, accepted] of [
      [COOKIE_LIFETIME, true],
      [COOKIE_LIFETIME + 1, false],
    ] as const) {
      let now = 5
      const { to, initiate } = welcomed(
        client(),
        server(() => now),
      )
      now += age
      expect(refusal(to, initiate) === undefined).toBe(accepted)
    }
  })
})

describe('a CURVE machine', () => {
  test('refuses every command that is out of turn', () => {
    for (const command of STRAY_COMMANDS) {
      expect(refusal(server(), command)).toBeDefined()
      const { from, to } = welcomed()
      expect(refusal(to, command)).toBeDefined()
      expect(refusal(from, command)).toBeDefined()
    }
    const [from, to] = [client(), server()]
    const { fromClient, fromServer } = converse(from, to)
    for (const command of [...STRAY_COMMANDS, ...fromClient, ...fromServer]) {
      expect(refusal(from, command)).toBeInstanceOf(ProtocolError)
      expect(refusal(to, command)).toBeInstanceOf(ProtocolError)
    }
  })

  test('refuses PLAIN, and PLAIN refuses it', () => {
    const login = { username: 'alice', password: 'x' }
    const hello = plain(login).create(CONTEXT).start()[0]!
    expect(refusal(server(), hello)).toBeInstanceOf(ProtocolError)
    expect(refusal(plainServer().create(CONTEXT), client().start()[0]!)).toBeInstanceOf(ProtocolError)
  })

  test('refuses a HELLO that was cut or changed anywhere', () => {
    for (const { how, bytes } of spoilt(client().start()[0]!)) {
      expect(refusal(server(), bytes), how).toBeDefined()
    }
  })

  test('refuses a WELCOME that was cut or changed anywhere', () => {
    const from = client()
    const welcome = server().receive(from.start()[0]!)[0]!
    for (const { how, bytes } of spoilt(welcome)) expect(refusal(from, bytes), how).toBeDefined()
    expect(refusal(from, welcome)).toBeUndefined()
  })

  test('refuses an INITIATE that was cut or changed anywhere', () => {
    const ways = waysToSpoil(welcomed().initiate.length)
    for (let way = 0; way < ways; way++) {
      const { to, initiate } = welcomed()
      const { how, bytes } = spoil(initiate, way)
      expect(refusal(to, bytes), how).toBeDefined()
      expect([to.pending, to.peer, to.cipher]).toEqual([undefined, undefined, undefined])
    }
  })

  test('refuses a READY that was cut or changed anywhere', () => {
    const { from, to, initiate } = welcomed()
    to.receive(initiate)
    const ready = to.decide({ status: 200 })[0]!
    for (const { how, bytes } of spoilt(ready)) {
      expect(refusal(from, bytes), how).toBeDefined()
      expect([from.peer, from.cipher]).toEqual([undefined, undefined])
    }
    expect(refusal(from, ready)).toBeUndefined()
  })

  test('refuses an INITIATE whose nonce is not greater than that of HELLO', () => {
    const { to, initiate } = welcomed()
    const replayed = Buffer.from(initiate)
    replayed.writeBigUInt64BE(1n, 9 + 96)
    expect(refusal(to, replayed)).toBeInstanceOf(ProtocolError)
  })

  test('answers arbitrary bytes with one of the two errors of peers only', () => {
    const size = fc.constantFrom(0, 10, 24, 160, 194, 248, 300)
    const start = fc.constantFrom('\x05HELLO', '\x08INITIATE', '\x07WELCOME', '\x05READY', '\x05ERROR', '')
    const bytes = fc.tuple(start, size).chain(([name, least]) =>
      fc.uint8Array({ minLength: least, maxLength: least + 2 }).map(rest => {
        return Buffer.concat([Buffer.from(name, 'latin1'), rest])
      }),
    )
    fc.assert(
      fc.property(bytes, command => {
        const { from, to } = welcomed()
        for (const machine of [server(), to, from]) expect(refusal(machine, command)).toBeDefined()
      }),
      { numRuns: 100 },
    )
  })
})

describe('the options curveClient and curveServer', () => {
  test('make machines that understand each other, once they are prepared', async () => {
    const [serverKeys, clientKeys] = [curveKeyPair(), curveKeyPair()]
    const from = curveClient({ ...clientKeys, serverKey: serverKeys.publicKey })
    const to = curveServer(serverKeys)
    expect(() => from.create(CONTEXT)).toThrow('prepare()')
    await Promise.all([from.prepare!(), to.prepare!()])
    const [one, two] = [from.create(CONTEXT), to.create({ ...CONTEXT, accepted: true })]
    converse(one, two)
    expect([one.peer, two.peer]).toEqual([REPORTED, REPORTED])
  })
})
