/** The dialer: attempts, pauses, and what becomes of its peer. Without sockets and real time. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Endpoints } from '../../../src/engine/zmtp/endpoints.ts'
import { NULL_SECURITY } from '../../../src/security/null.ts'
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
  readonly dialled: string[] = []
  check(): void {}
  async listen(): Promise<never> {
    throw new Error('nobody listens in these tests')
  }
  get attempts(): number {
    return this.dialled.length
  }
  async dial(endpoint: string, signal: AbortSignal): Promise<MemoryConnection> {
    this.dialled.push(endpoint.slice('memory://'.length))
    const answer = this.answers.shift()
    if (answer instanceof Error) throw answer
    if (answer !== undefined) return answer
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
}

const microtasks = () => vi.advanceTimersByTimeAsync(0)

function dialling(type: 'PUSH' | 'PULL' = 'PUSH', options: object = {}, addresses = [ENDPOINT]) {
  const stand = new CoreStand(type, { reconnectInterval: 100, reconnectIntervalMax: 1000, ...options })
  const transport = new Dials()
  const endpoints = new Endpoints(stand.core, NULL_SECURITY, new Map([['memory', transport]]))
  const changes: string[] = []
  const dialer = endpoints.dial(addresses, {
    changed: () => changes.push(dialer.live ? 'live' : dialer.failing ? 'failing' : 'lost'),
  })
  return { stand, transport, endpoints, dialer, changes }
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

describe('A dialer of several addresses', () => {
  const [A, B, C] = ['memory://a', 'memory://b', 'memory://c'] as const
  const refused = (count: number) => Array.from({ length: count }, () => new Error('nobody'))
  /** Fewer milliseconds than any pause after it. */
  const firstRound = () => vi.advanceTimersByTimeAsync(10)
  const rotating = (addresses: string[] = [A, B, C]) => dialling('PUSH', {}, addresses)

  test('tries them in turn for one peer, whose queue stays, until one answers', async () => {
    const { stand, transport, dialer, changes } = rotating()
    const connection = new MemoryConnection()
    transport.answers.push(...refused(2), connection)
    stand.core.sends.trySend(Buffer.from('a'))
    const { peer } = dialer
    await firstRound()
    await met(connection)
    expect(stand.told.map(([name, { endpoint }]) => [name, endpoint])).toEqual([
      ['connect:retry', A],
      ['connect:retry', B],
      ['connect', C],
      ['handshake', C],
    ])
    expect([dialer.peer === peer, peer.phase, peer.endpoint, stand.core.strategy.returned]).toEqual([
      true,
      'ready',
      C,
      0,
    ])
    expect([stand.core.peers.count, changes]).toEqual([1, ['failing', 'failing', 'live']])
    dialer.stop()
  })

  test('pauses after the first round, longer after each further one', async () => {
    const { stand, transport, dialer } = rotating()
    transport.answers.push(...refused(100))
    await vi.advanceTimersByTimeAsync(20_000)
    const due = [0, 0, 100, 100, 100, 200, 200, 200, 400, 400, 400, 800, 800, 800, 1000, 1000]
    const pauses = stand.told.map(([, { delay }]) => delay).slice(0, due.length)
    for (const [index, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(due[index]! / 2)
      expect(pause).toBeLessThanOrEqual(due[index]!)
    }
    expect(transport.dialled.slice(0, 7).join('')).toBe('abcabca')
    dialer.stop()
  })

  test('tries the address first at which a connection was lost, after a pause', async () => {
    const { stand, transport, dialer, changes } = rotating()
    const connection = new MemoryConnection()
    transport.answers.push(new Error('nobody'), connection, ...refused(9))
    await firstRound()
    await met(connection)
    connection.handler.closed()
    expect(stand.told.at(-1)![1]).toMatchObject({ endpoint: B, attempt: 1 })
    expect(stand.told.at(-1)![1].delay).toBeGreaterThanOrEqual(50)
    expect([dialer.live, dialer.failing]).toEqual([false, false])
    await vi.advanceTimersByTimeAsync(110)
    expect(transport.dialled.slice(0, 4).join('')).toBe('abbc')
    expect(changes.slice(0, 5)).toEqual(['failing', 'live', 'lost', 'failing', 'failing'])
    dialer.stop()
  })

  test('goes on to another address at once when one has refused it for good, and lets nothing wait meanwhile', async () => {
    const { stand, transport, dialer } = rotating([A, B])
    const connections = [new MemoryConnection(), new MemoryConnection()]
    transport.answers.push(...connections)
    stand.core.sends.trySend(Buffer.from('a'))
    await microtasks()
    connections[0]!.handler.reader.data(foreignOpening('PUB'))
    connections[0]!.handler.closed()
    expect([stand.core.strategy.returned, dialer.peer.attached]).toEqual([1, false])
    await firstRound()
    await met(connections[1]!)
    expect([dialer.live, dialer.endpoint]).toEqual([true, B])
    dialer.stop()
  })

  test('leaves out what another dialer of the socket has', async () => {
    const { transport, endpoints, dialer } = rotating()
    const other = endpoints.dial([B])
    await microtasks()
    transport.answers.push(...refused(9))
    dialer.update([C, B])
    await vi.advanceTimersByTimeAsync(100)
    expect(transport.dialled.slice(0, 5).join('')).toBe('abccc')
    expect(() => endpoints.dial([C, A])).toThrow('this socket is connected to "memory://c" already')
    endpoints.dial([A]).stop()
    other.stop()
    dialer.stop()
  })

  test('leaves an address that is not listed any more, in the middle of an attempt and in a handshake', async () => {
    const { stand, transport, dialer } = rotating()
    const connections = [new MemoryConnection(), new MemoryConnection()]
    await microtasks()
    transport.answers.push(...connections)
    dialer.update([A, C])
    await microtasks()
    expect(transport.dialled).toEqual(['a'])
    dialer.update([B, C])
    await microtasks()
    expect([transport.dialled.join(''), stand.events]).toEqual(['ab', ['connect']])
    dialer.update([C])
    expect(connections[0]!.log).toEqual(['destroy'])
    connections[0]!.handler.closed()
    await vi.advanceTimersByTimeAsync(100)
    expect([transport.dialled.join(''), dialer.endpoint]).toEqual(['abc', C])
    dialer.stop()
  })

  test('keeps a connection that stands at an address that is not listed any more, and leaves the address after it', async () => {
    const { transport, dialer } = rotating()
    const connection = new MemoryConnection()
    transport.answers.push(connection, ...refused(9))
    await met(connection)
    dialer.update([B])
    expect([dialer.live, dialer.endpoint]).toEqual([true, A])
    connection.handler.closed()
    await vi.advanceTimersByTimeAsync(1000)
    expect(transport.dialled.slice(0, 3).join('')).toBe('abb')
    dialer.stop()
  })

  test('makes one attempt when the addresses change while it is told that the connection is lost', async () => {
    const { stand, transport, dialer } = rotating([A])
    const connections = [new MemoryConnection(), new MemoryConnection()]
    transport.answers.push(...connections)
    await met(connections[0]!)
    stand.core.events.once('disconnect', () => dialer.update([B]))
    connections[0]!.handler.closed()
    await vi.advanceTimersByTimeAsync(1000)
    await met(connections[1]!)
    await vi.advanceTimersByTimeAsync(10_000)
    expect([transport.dialled.join(''), dialer.live]).toEqual(['ab', true])
    dialer.stop()
  })

  test('takes one that cannot be dialled at all for one that fails', async () => {
    const { stand, transport, dialer } = rotating([A, 'gopher://x', B])
    transport.answers.push(new Error('nobody'))
    await firstRound()
    expect(stand.told.at(-1)![1].error.message).toMatch('no transport for "gopher://x"')
    expect(transport.dialled).toEqual(['a', 'b'])
    dialer.stop()
  })

  test('is disconnected from where it is, and only while it is there', async () => {
    const { stand, transport, endpoints, dialer, changes } = rotating()
    const connection = new MemoryConnection()
    transport.answers.push(new Error('nobody'), connection)
    await firstRound()
    await met(connection)
    expect(() => endpoints.disconnect(A)).toThrow('not connected')
    endpoints.disconnect(B)
    const again = endpoints.dial([B])
    dialer.disconnect()
    dialer.update([C])
    connection.handler.closed()
    expect([dialer.live, again.peer.phase]).toEqual([false, 'connecting'])
    expect([transport.dialled.join(''), changes.at(-1)]).toEqual(['ab', 'lost'])
    await microtasks()
    expect([transport.dialled.join(''), stand.events.at(-1)]).toEqual(['abb', 'disconnect'])
    again.stop()
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
    const endpoints = new Endpoints(near.core, NULL_SECURITY, new Map([['inproc', transport]]))
    const dialer = endpoints.dial(['inproc://there'])
    const accept: InprocAccept = end => {
      const peer = far.core.peers.adopt('inproc://there', far.where, end)
      const join = () => {
        if (peer.phase === 'connecting') far.core.join(peer, end.identity, end.partner)
        return peer.phase === 'ready'
      }
      return { ...far.core.endOf(peer), join }
    }
    return { near, far, dialer, accept, meet: (how = accept) => found!(how) }
  }

  test('joins both sockets in one call, and what waited can be read at once', async () => {
    const { near, far, dialer, meet } = within()
    near.core.sends.trySend(Buffer.from('early'))
    await microtasks()
    meet()
    expect([near.core.peers.readyCount, far.core.peers.readyCount]).toEqual([1, 1])
    expect(String(far.core.receives.tryReceive())).toBe('early')
    near.core.sends.trySend(Buffer.from('later'))
    expect(String(far.core.receives.tryReceive())).toBe('later')
    dialer.stop()
  })

  test('leaves nothing behind when the other side goes before it has joined', async () => {
    const { near, far, dialer, accept, meet } = within()
    near.core.sends.trySend(Buffer.from('early'))
    await microtasks()
    meet(end => {
      const own = accept(end)
      for (const peer of far.core.peers.all) far.core.leave(peer, { byUs: true })
      return own
    })
    expect([near.core.peers.readyCount, near.core.strategy.returned, near.events]).toEqual([
      0,
      0,
      ['handshake', 'disconnect', 'connect:retry'],
    ])
    expect(dialer.peer.phase).toBe('connecting')
    dialer.stop()
  })

  test('tells the other side when we have let go while it took us in', async () => {
    const { far, dialer, accept, meet } = within()
    await microtasks()
    meet(end => {
      const own = accept(end)
      dialer.stop()
      return own
    })
    expect([far.core.peers.count, far.events]).toEqual([0, []])
  })

  test('says what the other side has against it', async () => {
    const { near, dialer, meet } = within()
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
