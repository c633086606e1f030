import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { OptionError } from '../../../../src/errors.ts'
import { curveClient, curveKeyPair, curveServer, decodeZ85 } from '../../../../src/security/curve/index.ts'
import { publicKeyOf } from '../../../../src/security/curve/keys.ts'

/** RFC 7748, section 6.1: Alice. */
const ALICE = {
  secret: Buffer.from('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a', 'hex'),
  public: Buffer.from('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a', 'hex'),
}

describe('curveKeyPair', () => {
  test('makes two keys that belong together, another pair each time', () => {
    const pair = curveKeyPair()
    expect(pair.publicKey).toHaveLength(40)
    expect(publicKeyOf(decodeZ85(pair.secretKey))).toEqual(decodeZ85(pair.publicKey))
    expect(curveKeyPair().publicKey).not.toBe(pair.publicKey)
  })

  test('shows only the public key when it is printed', () => {
    const pair = curveKeyPair()
    const text = inspect({ pair }, { depth: 9, showHidden: true })
    expect(text).toContain(pair.publicKey)
    expect(text).not.toContain(pair.secretKey)
  })

  test('shows only the public key as JSON, and both where a copy is asked for', () => {
    const pair = curveKeyPair()
    const { publicKey, secretKey } = pair
    expect(JSON.parse(JSON.stringify({ pair }))).toEqual({ pair: { publicKey, secretKey: '<hidden>' } })
    expect({ ...pair }).toEqual({ publicKey, secretKey })
    expect(JSON.parse(JSON.stringify({ publicKey, secretKey }))).toEqual({ publicKey, secretKey })
  })
})

describe('the keys of the options', () => {
  const pair = curveKeyPair()
  const serverKey = curveKeyPair().publicKey

  test('are Z85 texts or 32 bytes', () => {
    expect(publicKeyOf(ALICE.secret)).toEqual(ALICE.public)
    expect(curveServer({ publicKey: ALICE.public, secretKey: ALICE.secret }).name).toBe('CURVE')
    expect(curveServer(pair).publicKey).toBe(pair.publicKey)
    expect(curveClient({ ...pair, serverKey: new Uint8Array(ALICE.public) }).publicKey).toBe(pair.publicKey)
  })

  test('are refused with a word on what would be right, and never quoted', () => {
    const spoilt = `${pair.secretKey.slice(0, 39)}é`
    const wrong: [string, object][] = [
      ['serverKey', { ...pair, serverKey: undefined }],
      ['serverKey', { ...pair, serverKey: serverKey.slice(1) }],
      ['secretKey', { ...pair, secretKey: spoilt, serverKey }],
      ['secretKey', { ...pair, secretKey: decodeZ85(pair.secretKey).subarray(1), serverKey }],
      ['publicKey', { ...pair, publicKey: 7, serverKey }],
      ['publicKey', { ...pair, publicKey: null, serverKey }],
    ]
    for (const [option, options] of wrong) {
      const error = caught(() => curveClient(options as never))
      expect(error).toBeInstanceOf(OptionError)
      expect(error).toMatchObject({ option, message: expect.stringMatching(/40 characters of Z85|not Z85/) })
      expect(inspect(error)).not.toContain(pair.secretKey.slice(0, 20))
    }
  })

  test('are refused when they do not belong together', () => {
    const error = caught(() =>
      curveServer({ publicKey: curveKeyPair().publicKey, secretKey: pair.secretKey }),
    )
    expect(error).toMatchObject({ option: 'publicKey', message: expect.stringContaining('does not belong') })
  })

  test('cannot be read from the option that was made of them', async () => {
    const security = curveClient({ ...pair, serverKey })
    await security.prepare!()
    const machine = security.create({ accepted: false, metadata: new Map(), address: 'tcp://127.0.0.1:1' })
    machine.start()
    for (const object of [security, machine]) {
      const text = inspect(object, { depth: 9, showHidden: true }) + JSON.stringify(object)
      expect(text).not.toContain(pair.secretKey)
      expect(text).not.toContain(inspect(decodeZ85(pair.secretKey)).slice(8, 40))
    }
  })
})

function caught(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
