/** CURVE and PLAIN with libzmq: who is let in is served, who is not is told so. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { raw } from '../../src/codec/raw.ts'
import { SecurityError } from '../../src/errors.ts'
import { partsOf } from '../../src/message.ts'
import { allowKeys, allowUsers } from '../../src/security/allow.ts'
import { curveClient, curveKeyPair, curveServer } from '../../src/security/curve/index.ts'
import { plain, plainServer } from '../../src/security/plain.ts'
import { Pair } from '../../src/sockets/pair.ts'
import { FOREIGN, type ForeignSettings } from './secure-peers.ts'

const SERVER = curveKeyPair()
const CLIENT = curveKeyPair()
const STRANGER = curveKeyPair()
const LOGIN = { username: 'alice', password: 'wonderland' }

/** Ours and theirs of each mechanism and side. */
const OURS = {
  CURVE: {
    client: { security: curveClient({ ...CLIENT, serverKey: SERVER.publicKey }) },
    server: { security: curveServer(SERVER), authenticate: allowKeys([CLIENT.publicKey]) },
  },
  PLAIN: {
    client: { security: plain(LOGIN) },
    server: { security: plainServer(), authenticate: allowUsers({ alice: 'wonderland' }) },
  },
}
const THEIRS = {
  CURVE: {
    client: { mechanism: 'CURVE', side: 'client', ...CLIENT, serverKey: SERVER.publicKey },
    server: { mechanism: 'CURVE', side: 'server', ...SERVER, zap: ['200'] },
  },
  PLAIN: {
    client: { mechanism: 'PLAIN', side: 'client', ...LOGIN },
    server: { mechanism: 'PLAIN', side: 'server', zap: ['200'] },
  },
} satisfies Record<string, Record<string, ForeignSettings>>

const QUICK = { codec: raw, linger: 0, reconnectInterval: 20, reconnectIntervalMax: 40 }

/** A message of each kind: short, long, of several parts, large. */
const MESSAGES = [
  [Buffer.from('short')],
  [Buffer.alloc(300, 'l')],
  [Buffer.from('a'), Buffer.alloc(0), Buffer.alloc(1000, 'c')],
  [Buffer.alloc(0)],
  [Buffer.alloc(200_000, 'x')],
]

async function exchange(pair: Pair<any>): Promise<void> {
  for (const parts of MESSAGES) {
    await pair.send(parts)
    const echoed = partsOf(await pair.receive({ timeout: 10_000 }))
    expect(echoed.map(part => part.length)).toEqual(parts.map(part => part.length))
    expect(Buffer.concat(echoed).equals(Buffer.concat(parts))).toBe(true)
  }
}

describe.each(FOREIGN)('%s', (_, open) => {
  describe.each(['CURVE', 'PLAIN'] as const)('%s', mechanism => {
    test.each([
      ['server', 'bind'],
      ['server', 'connect'],
      ['client', 'bind'],
      ['client', 'connect'],
    ] as const)('talks to us as the %s that %ss', async (side, how) => {
      await using ours = new Pair({ ...QUICK, ...OURS[mechanism][side] })
      const settings = THEIRS[mechanism][side === 'server' ? 'client' : 'server']
      const endpoint = how === 'bind' ? { endpoint: await ours.bind('tcp://127.0.0.1:0') } : {}
      await using theirs = await open({ ...settings, ...endpoint })
      if (how === 'connect') ours.connect(theirs.endpoint)
      await exchange(ours)
      const userId = side === 'client' ? undefined : mechanism === 'CURVE' ? CLIENT.publicKey : 'alice'
      expect(ours.peers.map(peer => peer.userId)).toEqual([userId])
    })

    test('is told that we refuse it for good', async () => {
      await using ours = new Pair({ ...QUICK, ...OURS[mechanism].server })
      const failed = once(ours.events, 'handshake:failed')
      const stranger = {
        ...THEIRS[mechanism].client,
        ...(mechanism === 'CURVE' ? STRANGER : { password: 'x' }),
      }
      await using theirs = await open({ ...stranger, endpoint: await ours.bind('tcp://127.0.0.1:0') })
      expect(await theirs.refused).toBe(400)
      const [{ error }] = await failed
      expect(error).toBeInstanceOf(SecurityError)
      expect(error).toMatchObject({ status: 400 })
      expect(ours.peers).toEqual([])
    })

    test('is told when our authenticate fails', async () => {
      const authenticate = () => Promise.reject(new Error('no database'))
      await using ours = new Pair({ ...QUICK, ...OURS[mechanism].server, authenticate })
      const failed = once(ours.events, 'handshake:failed')
      await using theirs = await open({
        ...THEIRS[mechanism].client,
        endpoint: await ours.bind('tcp://127.0.0.1:0'),
      })
      expect(await theirs.refused).toBe(500)
      expect((await failed)[0].error).toMatchObject({
        status: 500,
        message: expect.stringContaining('no database'),
      })
    })

    test('comes back after a refusal for now', async () => {
      let asked = 0
      const authenticate = () => (++asked < 3 ? ({ accept: false, temporary: true } as const) : true)
      await using ours = new Pair({ ...QUICK, ...OURS[mechanism].server, authenticate })
      const endpoint = await ours.bind('tcp://127.0.0.1:0')
      await using _theirs = await open({ ...THEIRS[mechanism].client, endpoint })
      await exchange(ours)
      expect(asked).toBe(3)
    })

    test.each(['400', '500'])('tells us that it refuses us with %s', async zap => {
      await using ours = new Pair({ ...QUICK, ...OURS[mechanism].client })
      await using theirs = await open({ ...THEIRS[mechanism].server, zap: [zap] })
      const failed = once(ours.events, 'handshake:failed')
      ours.connect(theirs.endpoint)
      const [{ error, fatal }] = await failed
      expect(error).toBeInstanceOf(SecurityError)
      expect(error).toMatchObject({ status: Number(zap) })
      expect(fatal).toBe(true)
    })

    test('lets us in later after it refused us for now', async () => {
      // libzmq neither answers nor leaves then (zap_client.cpp: `state = error_sent`), so we must.
      await using ours = new Pair({ ...QUICK, ...OURS[mechanism].client, handshakeTimeout: 300 })
      await using theirs = await open({ ...THEIRS[mechanism].server, zap: ['300', '200'] })
      ours.connect(theirs.endpoint)
      await exchange(ours)
    })
  })

  test('does not get to us with the key of another server', async () => {
    await using ours = new Pair({ ...QUICK, ...OURS.CURVE.server })
    const failed = once(ours.events, 'handshake:failed')
    await using _theirs = await open({
      ...THEIRS.CURVE.client,
      serverKey: STRANGER.publicKey,
      endpoint: await ours.bind('tcp://127.0.0.1:0'),
    })
    expect((await failed)[0].error).toBeInstanceOf(SecurityError)
    expect(ours.peers).toEqual([])
  })

  test('does not let us in with the key of another server', async () => {
    const security = curveClient({ ...CLIENT, serverKey: STRANGER.publicKey })
    await using ours = new Pair({ ...QUICK, security })
    await using theirs = await open(THEIRS.CURVE.server)
    const failed = once(ours.events, 'handshake:failed')
    ours.connect(theirs.endpoint)
    await Promise.all([failed, theirs.failed])
    expect(ours.peers).toEqual([])
  })

  test.each([
    ['NULL', 'CURVE'],
    ['PLAIN', 'CURVE'],
    ['NULL', 'PLAIN'],
    ['CURVE', 'PLAIN'],
  ] as const)('with %s gets nowhere with our %s server', async (theirMechanism, ourMechanism) => {
    await using ours = new Pair({ ...QUICK, ...OURS[ourMechanism].server })
    const failed = once(ours.events, 'handshake:failed')
    const endpoint = await ours.bind('tcp://127.0.0.1:0')
    const settings: ForeignSettings =
      theirMechanism === 'NULL' ? { mechanism: 'NULL', side: 'client' } : THEIRS[theirMechanism].client
    await using _theirs = await open({ ...settings, endpoint })
    expect((await failed)[0].error).toMatchObject({ message: expect.stringContaining(theirMechanism) })
    expect(ours.peers).toEqual([])
  })
})
