import { describe, expect, test } from 'vitest'
import { OptionError } from '../../../src/errors.ts'
import { allowAddresses, allowAll, allowKeys, allowUsers } from '../../../src/security/allow.ts'
import { type Authenticate, type AuthenticationRequest, ask } from '../../../src/security/authenticate.ts'
import { curveKeyPair, decodeZ85 } from '../../../src/security/curve/index.ts'

function verdict(authenticate: Authenticate, known: Partial<AuthenticationRequest>): unknown {
  return ask(authenticate, {
    mechanism: 'NULL',
    address: 'tcp://10.1.2.3:5555',
    socketType: 'PUSH',
    metadata: new Map(),
    signal: new AbortController().signal,
    ...known,
  })
}

const refused = expect.objectContaining({ status: 400 })

describe('allowKeys', () => {
  const [one, two, three] = [curveKeyPair().publicKey, curveKeyPair().publicKey, curveKeyPair().publicKey]
  const check = allowKeys([one, decodeZ85(two)])

  test('lets in the keys of the list, by which users are known then', () => {
    for (const key of [one, two]) {
      expect(verdict(check, { publicKey: decodeZ85(key) })).toEqual({ status: 200, userId: key })
    }
  })

  test('refuses other keys, and peers without one', () => {
    expect(verdict(check, { publicKey: decodeZ85(three) })).toEqual(refused)
    expect(verdict(check, {})).toEqual(refused)
    expect(verdict(allowKeys([]), { publicKey: decodeZ85(one) })).toEqual(refused)
  })

  test('refuses a list with something else in it', () => {
    expect(() => allowKeys([one, 'short'])).toThrow(OptionError)
  })
})

describe('allowUsers', () => {
  const check = allowUsers({ alice: 'wonderland', nobody: '' })

  test('lets in who knows the password', () => {
    expect(verdict(check, { username: 'alice', password: 'wonderland' })).toEqual({
      status: 200,
      userId: 'alice',
    })
    expect(verdict(check, { username: 'nobody', password: '' })).toEqual({ status: 200, userId: 'nobody' })
  })

  test('refuses wrong passwords, unknown names and names of the language', () => {
    for (const [username, password] of [
      ['alice', 'Wonderland'],
      ['alice', ''],
      ['bob', 'wonderland'],
      ['bob', ''],
      ['', ''],
      ['constructor', ''],
      ['__proto__', ''],
    ] as const) {
      expect(verdict(check, { username, password })).toEqual(refused)
    }
    expect(verdict(check, {})).toEqual(refused)
  })
})

describe('allowAddresses', () => {
  const check = allowAddresses('10.0.0.0/8', '192.168.1.7', '2001:db8::/32', '::1')

  test.each([
    ['tcp://10.255.0.1:1', true],
    ['tcp://11.0.0.1:1', false],
    ['tcp://192.168.1.7:65535', true],
    ['tcp://192.168.1.8:1', false],
    ['tcp://[2001:db8:1::5]:80', true],
    ['tcp://[2001:db9::5]:80', false],
    ['tcp://[::1]:80', true],
    ['tcp://[::ffff:10.0.0.1]:80', true],
    ['tcp://[::ffff:11.0.0.1]:80', false],
    ['tcp://[fe80::1%eth0]:80', false],
    ['tcp://10.0.0.1.example.org:80', false],
    ['ipc:///tmp/10.0.0.1', false],
    ['10.0.0.1', false],
    ['', false],
  ])('says of %s: %s', (address, allowed) => {
    expect(verdict(check, { address })).toEqual(allowed ? { status: 200 } : refused)
  })

  test('takes link-local addresses whatever their interface is', () => {
    expect(verdict(allowAddresses('fe80::/10'), { address: 'tcp://[fe80::1%eth0]:80' })).toEqual({
      status: 200,
    })
  })

  test('refuses what is no range', () => {
    for (const range of [
      '',
      'example.org',
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '::/129',
      '10.0.0.0/-1',
      '10',
    ]) {
      expect(() => allowAddresses(range), range).toThrow(OptionError)
    }
  })
})

describe('allowAll', () => {
  const named =
    (userId: string): Authenticate =>
    async () => ({ accept: true, userId })

  test('lets in whom everybody lets in, with the last user id', async () => {
    expect(
      await verdict(
        allowAll(
          () => true,
          named('a'),
          named('b'),
          () => true,
        ),
        {},
      ),
    ).toEqual({
      status: 200,
      userId: 'b',
    })
    expect(
      await verdict(
        allowAll(() => true),
        {},
      ),
    ).toEqual({ status: 200 })
  })

  test('refuses with the first that refuses, and asks no other', async () => {
    const check = allowAll(
      named('a'),
      () => ({ accept: false, reason: 'mine', temporary: true }),
      () => {
        throw new Error('asked too much')
      },
    )
    expect(await verdict(check, {})).toEqual({ status: 300, reason: 'mine' })
    expect(
      await verdict(
        allowAll(() => false),
        {},
      ),
    ).toEqual(refused)
  })

  test('refuses when one fails or gives no answer', async () => {
    const failed = expect.objectContaining({ status: 500 })
    expect(
      await verdict(
        allowAll(() => true, (() => undefined) as never),
        {},
      ),
    ).toEqual(failed)
    expect(
      await verdict(
        allowAll(() => Promise.reject(new Error('x'))),
        {},
      ),
    ).toEqual(failed)
    expect(() => (allowAll as () => Authenticate)()).toThrow(OptionError)
  })
})
