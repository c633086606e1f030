/** PLAIN, CURVE and `authenticate` with libzmq at one end or both. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { OptionError, SecurityError, UnsupportedError } from '../../../../src/errors.ts'
import { allowAddresses, allowKeys, allowUsers } from '../../../../src/security/allow.ts'
import type { Authenticate, AuthenticationRequest } from '../../../../src/security/authenticate.ts'
import { curveClient, curveKeyPair, curveServer } from '../../../../src/security/curve/index.ts'
import type { Security } from '../../../../src/security/mechanism.ts'
import { plain, plainServer } from '../../../../src/security/plain.ts'
import { crosswise, endpoints, message, open, texts } from './support.ts'

const server = curveKeyPair()
const client = curveKeyPair()
const stranger = curveKeyPair()

interface Case {
  readonly name: string
  readonly security: Security | undefined
  readonly authenticate?: Authenticate
  readonly friend: Security | undefined
  readonly foe: Security | undefined
}

const cases: readonly Case[] = [
  {
    name: 'PLAIN, by password',
    security: plainServer(),
    authenticate: allowUsers({ ann: 'secret' }),
    friend: plain({ username: 'ann', password: 'secret' }),
    foe: plain({ username: 'ann', password: 'guess' }),
  },
  {
    name: 'CURVE, by key',
    security: curveServer(server),
    authenticate: allowKeys([client.publicKey]),
    friend: curveClient({ ...client, serverKey: server.publicKey }),
    foe: curveClient({ ...stranger, serverKey: server.publicKey }),
  },
  {
    name: 'CURVE, by the knowledge of the server key',
    security: curveServer(server),
    friend: curveClient({ ...stranger, serverKey: server.publicKey }),
    foe: curveClient({ ...stranger, serverKey: client.publicKey }),
  },
  {
    name: 'NULL, against another mechanism',
    security: undefined,
    authenticate: allowAddresses('127.0.0.0/8'),
    friend: undefined,
    foe: plain({ username: 'ann', password: 'secret' }),
  },
]

describe.each(crosswise)('$name', ({ here, there }) => {
  test.each(cases)(
    '$name: lets friends in, and nobody else',
    async ({ security, authenticate, friend, foe }) => {
      await using pull = open('PULL', { security, authenticate }, here)
      await using good = open('PUSH', { security: friend }, there)
      await using bad = open('PUSH', { security: foe }, there)
      const real = await pull.bind(endpoints.tcp())
      good.connect(real)
      await good.send(message('friend'))
      expect(await texts(pull, 1)).toEqual(['friend'])
      const refused = once(pull.events, 'handshake:failed')
      bad.connect(real)
      const [{ endpoint, error }] = await refused
      expect(endpoint).toBe(real)
      expect(error).toBeInstanceOf(Error)
      expect(pull.peers.length).toBe(1)
    },
  )

  test('NULL: a peer that authenticate refuses stays out', async () => {
    await using pull = open('PULL', { authenticate: () => false }, here)
    await using push = open('PUSH', {}, there)
    const refused = once(pull.events, 'handshake:failed')
    push.connect(await pull.bind(endpoints.tcp()))
    const [{ error }] = await refused
    expect(error).toBeInstanceOf(SecurityError)
    expect(error.status).toBe(400)
  })
})

test('authenticate is told what libzmq knows of the peer', async () => {
  const asked: AuthenticationRequest[] = []
  const authenticate: Authenticate = request => {
    asked.push(request)
    return true
  }
  await using router = open('ROUTER', { security: plainServer(), authenticate })
  await using dealer = open('DEALER', {
    security: plain({ username: 'ann', password: 'secret' }),
    routingId: 'me',
  })
  dealer.connect(await router.bind(endpoints.tcp()))
  await router.connected(1, { timeout: 5000 })
  expect(asked).toMatchObject([
    {
      mechanism: 'PLAIN',
      address: 'tcp://127.0.0.1:0',
      socketType: undefined,
      username: 'ann',
      password: 'secret',
    },
  ])
})

test('PLAIN without authenticate lets nobody in', async () => {
  await using pull = open('PULL', { security: plainServer() })
  await using push = open('PUSH', { security: plain({ username: 'ann', password: 'secret' }) })
  const refused = once(push.events, 'handshake:failed')
  push.connect(await pull.bind(endpoints.tcp()))
  const [{ error }] = await refused
  expect(error).toMatchObject({ code: 'SECURITY', status: 500 })
})

test('a password does not go out in clear beyond this machine', async () => {
  await using push = open('PUSH', { security: plain({ username: 'ann', password: 'secret' }) })
  expect(() => push.connect('tcp://192.0.2.1:5555')).toThrow(SecurityError)
  push.connect('tcp://localhost:9')
  await using careless = open('PUSH', {
    security: plain({ username: 'ann', password: 'secret', allowInClear: true }),
  })
  careless.connect('tcp://192.0.2.1:5555')
})

test('a mechanism that libzmq does not have is refused', () => {
  const own: Security = {
    name: 'PLAIN',
    create: () => {
      throw new OptionError('security', 'never asked')
    },
  }
  expect(() => open('PUSH', { security: own })).toThrow(UnsupportedError)
})

test('nothing of a secret shows when a Security is printed', async () => {
  const { inspect } = await import('node:util')
  expect(inspect(plain({ username: 'ann', password: 'secret' }), { depth: 9 })).not.toContain('secret')
  expect(inspect(curveServer(server), { depth: 9 })).not.toContain(server.secretKey)
})
