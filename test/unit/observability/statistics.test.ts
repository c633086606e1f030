/** Statistics endpoints, and what stats() says of queues. */
import { once } from 'node:events'
import { Dealer, json, Pull, Push, Request, raw } from 'typedmq'
import { readStatistics, serveStatistics } from 'typedmq/observability'
import { describe, expect, test } from 'vitest'

const ANY = 'tcp://127.0.0.1:0'

describe('A statistics endpoint', () => {
  test('answers with the counters, states and marks of the sockets as they are then', async () => {
    await using pull = new Pull<number>({ receiveHighWaterMark: 7 })
    await using push = new Push<number>({ routingId: 'feeder' })
    await using statistics = await serveStatistics(ANY, { sockets: [pull], name: 'sink' })
    await using request = new Request<any, any>({ codec: json }).connect(statistics.endpoint)
    const before = await readStatistics(request)
    expect(before.sockets).toMatchObject([{ type: 'PULL', endpoints: [], peers: [] }])

    push.connect(await pull.bind(ANY))
    await push.send(1)
    expect(await pull.receive()).toBe(1)
    // A snapshot is given again for nine times as long as it took.
    let now = await readStatistics(request)
    while (now.uptime === before.uptime) now = await readStatistics(request)
    const { version, name, pid, uptime, sockets } = now
    expect({ version, name, pid }).toEqual({ version: 1, name: 'sink', pid: process.pid })
    expect(uptime).toBeGreaterThan(0)
    expect(sockets).toMatchObject([
      {
        type: 'PULL',
        traffic: { received: 1, waiting: 0 },
        peers: [
          {
            routingId: 'feeder',
            socketType: 'PUSH',
            state: 'ready',
            marks: { receive: { messages: 7 } },
            traffic: { received: 1 },
          },
        ],
      },
    ])
  })

  test('shows routing ids that are no text as hex digits', async () => {
    await using pull = new Pull()
    await using push = new Push({ routingId: Uint8Array.of(1, 255) })
    await using statistics = await serveStatistics(ANY, { sockets: () => [pull] })
    await using request = new Request<any, any>({ codec: json }).connect(statistics.endpoint)
    push.connect(await pull.bind(ANY))
    await pull.connected()
    expect((await readStatistics(request)).sockets[0]!.peers[0]!.routingId).toBe('0x01ff')
  })

  test('that is none is told from one', async () => {
    await using pull = new Pull()
    await using push = new Push()
    await using statistics = await serveStatistics(ANY, { sockets: [pull, push] })
    await using request = new Request<any, any>({ codec: json }).connect(statistics.endpoint)
    const other = { request: async () => 'good day' } as unknown as Request<any, any>
    await expect(readStatistics(other)).rejects.toThrow('no snapshot')
    expect((await readStatistics(request)).sockets).toHaveLength(2)
  })
})

describe('A statistics endpoint that strangers ask', () => {
  test('never reads what a question says, and refuses one of more than 4 KiB', async () => {
    await using statistics = await serveStatistics(ANY, { sockets: [] })
    await using request = new Request<any, any>({ codec: raw }).connect(statistics.endpoint)
    expect(JSON.parse(String(await request.request(Buffer.from('[[no JSON'))))).toMatchObject({ version: 1 })
    const many = Buffer.from(`[${'{},'.repeat(100_000)}{}]`)
    await expect(request.request(many)).rejects.toThrow('a question of 300004 bytes')
  })

  test('ends the connection of one that says more than a snapshot may have, before it has come', async () => {
    await using statistics = await serveStatistics(ANY, { sockets: [] })
    await using flooder = new Dealer<any, any>({ codec: raw, linger: 0 }).connect(statistics.endpoint)
    const ended = once(flooder.events, 'disconnect')
    void flooder.send([Buffer.alloc(0), Buffer.alloc(66_000_000, '[{},')]).catch(() => {})
    await ended
    await using request = new Request<any, any>({ codec: json }).connect(statistics.endpoint)
    expect(await readStatistics(request)).toMatchObject({ version: 1, sockets: [] })
  })

  test('walks over its sockets for a tenth of the time, however many questions there are', async () => {
    let walks = 0
    const sockets = () => {
      walks++
      for (const since = performance.now(); performance.now() - since < 20; );
      return []
    }
    await using statistics = await serveStatistics(ANY, { sockets })
    await using request = new Request<any, any>({ codec: json }).connect(statistics.endpoint)
    await Promise.all(Array.from({ length: 500 }, () => readStatistics(request)))
    expect(walks).toBeLessThan(100)
  })
})

describe('stats()', () => {
  test('lists peers that are still dialled, with what is queued for them against its mark', async () => {
    await using push = new Push<string>({ sendHighWaterMark: 3, linger: 0 })
    push.connect('ipc:///nowhere/at/all')
    expect(push.trySend('a')).toBe(true)
    const { peers } = push.stats()
    expect(peers).toMatchObject([
      {
        state: 'connecting',
        endpoint: 'ipc:///nowhere/at/all',
        traffic: { queued: 1 },
        marks: { send: { messages: 3 } },
      },
    ])
    expect(push.peers).toEqual([])
    await push.close({ linger: 0 })
  })

  test('tells a peer that is full from one that is not read, and both from one that is ready', async () => {
    await using pull = new Pull<number>({ receiveHighWaterMark: 1 })
    await using push = new Push<number>({ sendHighWaterMark: 1, linger: 0 })
    push.connect(await pull.bind('inproc://states'))
    await push.connected()
    expect(push.stats().peers[0]!.state).toBe('ready')
    while (push.trySend(0)) {}
    expect(push.stats().peers[0]!.state).toBe('full')
    expect(pull.stats().peers[0]!.state).toBe('paused')
    while (pull.tryReceive() !== undefined) {}
    expect(push.stats().peers[0]!.state).toBe('ready')
    expect(pull.stats().peers[0]!.state).toBe('ready')
  })

  test('says how long messages wait at both ends', async () => {
    await using pull = new Pull<number>()
    await using push = new Push<number>()
    push.connect(await pull.bind(ANY))
    expect(push.stats().sendDelay).toBeUndefined()
    for (let number = 0; number < 1000; number++) {
      await push.send(number)
      await pull.receive()
    }
    for (const delay of [
      push.stats().sendDelay!,
      pull.stats().receiveDelay!,
      pull.stats().peers[0]!.receiveDelay!,
    ]) {
      expect(delay.samples).toBeGreaterThan(1)
      expect(delay.samples).toBeLessThanOrEqual(16)
      expect(delay.p50).toBeGreaterThan(0)
      expect(delay.p50).toBeLessThanOrEqual(delay.p90)
      expect(delay.p99).toBeLessThanOrEqual(delay.max)
    }
  })
})
