/** The dialer: attempts, pauses, and what becomes of its peer. Without sockets and real time. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Dialer } from '../../../src/engine/zmtp/dialer.ts'
import type { ByteTransport, InprocAccept, InprocTransport } from '../../../src/transport/transport.ts'
import { MemoryConnection } from '../session/memory-connection.ts'
import { foreignOpening } from '../session/sides.ts'
import { CoreStand } from './core-stand.ts'

const ENDPOINT = 'memory://there'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** Dials as the test says, one answer for each attempt. */
class Dials implements ByteTransport {
  readonly kind = 'bytes'
  readonly scheme = 'memory'
  readonly answers: (MemoryConnection | Error)[] = []
  attempts = 0
  check(): void {}
  async listen(): Promise<never> {
    throw new Error('nobody listens in these tests')
  }
  async dial(_endpoint: string, signal: AbortSignal): Promise<MemoryConnection> {
    this.attempts++
    const answer = this.answers.shift()
    if (answer instanceof Error) throw answer
    if (answer !== undefined) return answer
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
}

const microtasks = () => vi.advanceTimersByTimeAsync(0)

function dialling(type: 'PUSH' | 'PULL' = 'PUSH', options: object = {}) {
  const stand = new CoreStand(type, { reconnectInterval: 100, reconnectIntervalMax: 1000, ...options })
  const transport = new Dials()
  const dialer = new Dialer(stand.core, ENDPOINT, transport)
  return { stand, transport, dialer }
}

/** The connection whose peer is greeted as a PULL. */
async function met(connection: MemoryConnection): Promise<void> {
  await microtasks()
  connection.handler.reader.data(foreignOpening('PULL'))
}

describe('A dialer', () => {
  test('keeps one peer, and what waits for it, over attempts that fail', async () => {
    const { stand, transport, dialer } = dialling()
    transport.answers.push(new Error('nobody'), new Error('nobody'))
    dialer.start()
    stand.core.sends.trySend(Buffer.from('a'))
    const { peer } = dialer
    await microtasks()
    await vi.advanceTimersByTimeAsync(2000)
    expect([transport.attempts, stand.events]).toEqual([3, ['connect:retry', 'connect:retry']])
    expect([dialer.peer === peer, peer.phase, peer.outgoing.length]).toEqual([true, 'connecting', 1])
    dialer.stop()
  })

  test('keeps its peer over a handshake that fails, and takes another when one that joined has gone', async () => {
    const { stand, transport, dialer } = dialling()
    const connections = [new MemoryConnection(), new MemoryConnection()]
    transport.answers.push(...connections)
    dialer.start()
    const { peer } = dialer
    await microtasks()
    connections[0]!.handler.closed()
    expect([dialer.peer === peer, peer.phase]).toEqual([true, 'connecting'])
    await vi.advanceTimersByTimeAsync(100)
    await met(connections[1]!)
    expect(peer.phase).toBe('ready')
    connections[1]!.handler.closed()
    expect([dialer.peer === peer, peer.phase, dialer.peer.phase]).toEqual([false, 'ended', 'connecting'])
    expect(stand.events).toEqual([
      'connect',
      'handshake:failed',
      'connect:retry',
      'connect',
      'handshake',
      'disconnect',
      'connect:retry',
    ])
    dialer.stop()
  })

  test('lets nothing wait for a peer that has refused it for what it is, and asks slowly', async () => {
    const { stand, transport, dialer } = dialling()
    const connection = new MemoryConnection()
    transport.answers.push(connection)
    dialer.start()
    stand.core.sends.trySend(Buffer.from('a'))
    await microtasks()
    connection.handler.reader.data(foreignOpening('PUB'))
    connection.handler.closed()
    const [, retry] = stand.told.at(-1)!
    expect([stand.core.strategy.returned, dialer.peer.attached]).toEqual([1, false])
    expect(retry.delay).toBeGreaterThanOrEqual(500)
    dialer.stop()
  })

  test('counts a connection that stands again', async () => {
    const { stand, transport, dialer } = dialling()
    const connections = [new MemoryConnection(), new MemoryConnection()]
    transport.answers.push(...connections)
    dialer.start()
    await met(connections[0]!)
    expect(stand.core.peers.reconnections).toBe(0)
    connections[0]!.handler.closed()
    await vi.advanceTimersByTimeAsync(100)
    await met(connections[1]!)
    expect(stand.core.peers.reconnections).toBe(1)
    dialer.stop()
  })

  test('gives up an attempt that takes too long', async () => {
    const { stand, dialer } = dialling('PUSH', { connectTimeout: 50 })
    dialer.start()
    await vi.advanceTimersByTimeAsync(50)
    await new Promise(setImmediate)
    await microtasks()
    expect(stand.told.at(-1)![1].error.message).toBe('no connection within 50 ms')
    dialer.stop()
  })

  test('that stops lets go of what waits, and of a handshake under way, without a word', async () => {
    const { stand, transport, dialer } = dialling()
    const connection = new MemoryConnection()
    transport.answers.push(connection)
    dialer.start()
    stand.core.sends.trySend(Buffer.from('a'))
    await microtasks()
    dialer.stop()
    dialer.stop()
    expect([stand.core.strategy.returned, stand.core.peers.count, connection.log]).toEqual([
      1,
      0,
      ['destroy'],
    ])
    expect(stand.events).toEqual(['connect'])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(transport.attempts).toBe(1)
  })
})

describe('A dialer within the process', () => {
  function within() {
    const [near, far] = [new CoreStand('PUSH', {}, false), new CoreStand('PULL')]
    let found: ((accept: InprocAccept) => void) | undefined
    const transport: InprocTransport = {
      kind: 'queues',
      scheme: 'inproc',
      check() {},
      listen: () => Promise.reject(new Error('nobody listens in these tests')),
      dial: (_endpoint, accept) => {
        found = accept
      },
    }
    const dialer = new Dialer(near.core, 'inproc://there', transport)
    const accept: InprocAccept = end => {
      const peer = far.core.peers.adopt('inproc://there', far.where, end)
      far.core.join(peer, end.identity, end.partner)
      return far.core.endOf(peer)
    }
    return { near, far, dialer, accept, meet: (how = accept) => found!(how) }
  }

  test('joins both sockets in one call, and what waited can be read at once', async () => {
    const { near, far, dialer, meet } = within()
    dialer.start()
    near.core.sends.trySend(Buffer.from('early'))
    await microtasks()
    meet()
    expect([near.core.peers.readyCount, far.core.peers.readyCount]).toEqual([1, 1])
    expect(String(far.core.receives.tryReceive())).toBe('early')
    near.core.sends.trySend(Buffer.from('later'))
    expect(String(far.core.receives.tryReceive())).toBe('later')
    dialer.stop()
  })

  test('leaves nothing behind when the other side goes before we are told that it came', async () => {
    const { near, far, dialer, accept, meet } = within()
    dialer.start()
    near.core.sends.trySend(Buffer.from('early'))
    await microtasks()
    meet(end => {
      const own = accept(end)
      for (const peer of far.core.peers.listReady) far.core.leave(peer, { byUs: true })
      return own
    })
    expect([near.core.peers.readyCount, near.core.strategy.returned, near.events]).toEqual([
      0,
      0,
      ['connect:retry'],
    ])
    expect(dialer.peer.phase).toBe('connecting')
    dialer.stop()
  })

  test('tells the other side when we have let go while it took us in', async () => {
    const { far, dialer, accept, meet } = within()
    dialer.start()
    await microtasks()
    meet(end => {
      const own = accept(end)
      dialer.stop()
      return own
    })
    expect([far.core.peers.count, far.events]).toEqual([0, ['handshake', 'disconnect']])
  })

  test('says what the other side has against it', async () => {
    const { near, dialer, meet } = within()
    dialer.start()
    await microtasks()
    meet(() => {
      throw new Error('not you')
    })
    expect(near.told.map(([name, { error }]) => [name, error.message])).toEqual([
      ['handshake:failed', 'not you'],
      ['connect:retry', 'not you'],
    ])
    dialer.stop()
  })
})
