import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../../src/errors.ts'
import { CurveCipher } from '../../../../src/security/curve/cipher.ts'
import { combine } from '../../../../src/security/curve/crypto.ts'
import { loadNative } from '../../../../src/security/curve/native.ts'
import { IncomingNonces, OutgoingNonces, wholeNonce } from '../../../../src/security/curve/nonce.ts'
import { MAC_SIZE } from '../../../../src/security/curve/secret-box.ts'
import { loadSodium } from '../../../../src/security/curve/sodium.ts'
import { fc } from '../../../support/property.ts'
import { spoilt } from '../machines.ts'

const sodium = await loadSodium()
const native = await loadNative()
const libraries = [sodium, combine(native!, sodium)]

const MORE = 1
const COMMAND = 4

describe.each(libraries.map(library => [library.name, library] as const))(
  'the CURVE cipher on %s',
  (_, crypto) => {
    const key = randomBytes(32)
    const end = (side: 'client' | 'server') =>
      new CurveCipher({ crypto, key, side, outgoing: new OutgoingNonces(), incoming: new IncomingNonces() })
    const ends = () => ({ client: end('client'), server: end('server') })

    test('opens what it sealed, in order, with the flags of frames', () => {
      const { client, server } = ends()
      const frames = fc.array(fc.tuple(fc.constantFrom(0, MORE, COMMAND), fc.uint8Array({ maxLength: 100 })))
      fc.assert(
        fc.property(frames, all => {
          const sealed = all.map(([flags, body]) => client.seal(flags, body))
          const opened = sealed.map(command => server.open(command))
          expect(opened).toEqual(all.map(([flags, body]) => ({ flags, body: Buffer.from(body) })))
        }),
      )
    })

    test('lays MESSAGE out as RFC 26 says, with 1 for MORE and 2 for COMMAND within', () => {
      for (const [side, prefix] of [
        ['client', 'CurveZMQMESSAGEC'],
        ['server', 'CurveZMQMESSAGES'],
      ] as const) {
        const cipher = end(side)
        for (const [count, flags, inner] of [
          [1, 0, 0],
          [2, MORE, 1],
          [3, COMMAND, 2],
        ] as const) {
          const command = Buffer.from(cipher.seal(flags, Buffer.from('body')))
          expect(command.toString('latin1', 0, 8)).toBe('\x07MESSAGE')
          expect(command.readBigUInt64BE(8)).toBe(BigInt(count))
          const nonce = wholeNonce(prefix, command.subarray(8, 16))
          expect(crypto.open(command.subarray(16), nonce, key)).toEqual(
            Buffer.from([inner, ...Buffer.from('body')]),
          )
        }
      }
    })

    test('does not change the body it seals, nor share memory with it', () => {
      const { client, server } = ends()
      const body = Buffer.from('mine')
      const sealed = client.seal(0, body)
      expect(body.toString()).toBe('mine')
      const opened = server.open(sealed).body
      sealed.fill(0)
      expect(Buffer.from(opened).toString()).toBe('mine')
    })

    test('refuses a message that was cut or changed anywhere', () => {
      const { client, server } = ends()
      const sealed = client.seal(0, Buffer.from('body'))
      for (const { how, bytes } of spoilt(sealed)) {
        const fresh = end('server')
        expect(() => fresh.open(bytes), how).toThrow(ProtocolError)
      }
      expect(server.open(sealed).flags).toBe(0)
    })

    test('refuses what was replayed, reordered or sent back to its sender', () => {
      const { client, server } = ends()
      const [one, two, three] = [1, 2, 3].map(n => client.seal(0, Buffer.from([n]))) as [
        Buffer,
        Buffer,
        Buffer,
      ]
      server.open(one)
      expect(() => server.open(one)).toThrow('replayed')
      server.open(three)
      expect(() => server.open(two)).toThrow('replayed')
      expect(() => server.open(three)).toThrow('replayed')
      expect(() => client.open(one)).toThrow('does not open')
    })

    test('refuses flags that mean nothing, for the sender has the key but not the protocol', () => {
      for (let inner = 3; inner < 256; inner++) {
        const command = Buffer.concat([
          Buffer.from('\x07MESSAGE', 'latin1'),
          Buffer.alloc(8 + MAC_SIZE),
          Buffer.from([inner]),
        ])
        crypto.seal(command.subarray(16), wholeNonce('CurveZMQMESSAGEC', Buffer.alloc(8)), key)
        expect(() => end('server').open(command)).toThrow(`flags 0x${inner.toString(16)}`)
      }
    })
  },
)

describe('short nonces', () => {
  test('count from 1 and never repeat', () => {
    const nonces = new OutgoingNonces()
    const bytes = Buffer.alloc(8)
    for (let count = 1n; count <= 1000n; count++) {
      nonces.write(bytes, 0)
      expect(bytes.readBigUInt64BE()).toBe(count)
    }
  })

  test('are accepted only when greater than the last, over all 64 bits', () => {
    const count = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    fc.assert(
      fc.property(count, count, (first, second) => {
        const nonces = new IncomingNonces()
        const accept = (count: bigint) => {
          const bytes = Buffer.alloc(9)
          bytes.writeBigUInt64BE(count, 1)
          return nonces.accept(bytes, 1)
        }
        expect(accept(first)).toBe(true)
        expect(accept(first)).toBe(false)
        expect(accept(second)).toBe(second > first)
        if (first > 0n) expect(accept(first - 1n)).toBe(false)
      }),
    )
  })
})
