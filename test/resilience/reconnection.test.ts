/** Connections that break under traffic: what survives, in which order, and how the loss is bounded. */
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { raw } from '../../src/codec/raw.ts'
import { TimeoutError } from '../../src/errors.ts'
import type { Message } from '../../src/message.ts'
import { Pull, Push } from '../../src/sockets/push-pull.ts'
import { CuttingProxy } from '../support/cutting-proxy.ts'

const quick = { reconnectInterval: 1, reconnectIntervalMax: 5, linger: 0 }

function numberIn(message: Message): number {
  return Number(String(message))
}

/** Sends numbers until told to stop, and then the word 'end'; `count` is how many there were. */
class Stream {
  count = 0
  readonly #push: Push<Message>
  #stopped = false

  readonly #size: number

  constructor(push: Push<Message>, size = 64) {
    this.#push = push
    this.#size = size
    void this.#run().catch(() => {})
  }

  stop(): void {
    this.#stopped = true
  }

  async #run(): Promise<void> {
    for (; !this.#stopped; this.count++)
      await this.#push.send(Buffer.from(String(this.count).padEnd(this.#size)))
    await this.#push.send(Buffer.from('end'))
  }
}

describe('a connection that breaks under traffic', () => {
  for (const binder of ['the receiver', 'the sender'] as const) {
    it(`duplicates nothing, keeps the order and counts what may be lost, when ${binder} binds`, async () => {
      await using pull = new Pull<Message>({ codec: raw, ...quick })
      await using push = new Push<Message>({ codec: raw, ...quick })
      const [server, client] = binder === 'the receiver' ? [pull, push] : [push, pull]
      await using proxy = await CuttingProxy.before(await server.bind('tcp://127.0.0.1:0'))
      client.connect(proxy.endpoint)
      const stream = new Stream(push)
      const numbers: number[] = []
      let cuts = 0
      let lastCut: number | undefined
      // A receiver that does not read does not notice a cut: it reads on.
      while (cuts < 5) {
        numbers.push(numberIn(await pull.receive()))
        const peer = pull.peers[0]?.id
        if (numbers.length < (cuts + 1) * 3000 || peer === undefined || peer === lastCut) continue
        lastCut = peer
        cuts++
        proxy.cut()
      }
      while (numbers.length < 18_000) numbers.push(numberIn(await pull.receive()))
      stream.stop()
      while (!Number.isNaN(numbers.at(-1))) numbers.push(numberIn(await pull.receive()))
      numbers.pop()
      for (let at = 1; at < numbers.length; at++) expect(numbers[at]).toBeGreaterThan(numbers[at - 1]!)
      expect(stream.count - numbers.length).toBeLessThanOrEqual(push.stats().possiblyLost!)
      expect(client.stats().reconnections).toBe(5)
    })
  }

  it('possiblyLost stays small in a saturated stream, because answered PINGs cover what arrived', async () => {
    const beats = { heartbeatInterval: 5, heartbeatTimeout: 60_000 }
    await using pull = new Pull<Message>({ codec: raw, ...quick })
    await using push = new Push<Message>({ codec: raw, ...quick, ...beats })
    await using proxy = await CuttingProxy.before(await pull.bind('tcp://127.0.0.1:0'))
    push.connect(proxy.endpoint)
    // More than the receiver takes: the queue is never empty.
    new Stream(push, 20_000)
    const part = 8000
    for (let count = 0; count < part; count++) {
      await pull.receive()
      if (count % 5 === 0) await setImmediate()
    }
    const [{ possiblyLost }] = await Promise.all([
      once(push.events, 'disconnect').then(([event]) => event),
      proxy.cut(),
    ])
    expect(possiblyLost).toBeGreaterThan(0)
    expect(possiblyLost).toBeLessThan(part / 2)
  })

  it('unsent messages wait for the reconnection', async () => {
    await using pull = new Pull<Message>({ codec: raw, ...quick, receiveHighWaterMark: 1 })
    await using push = new Push<Message>({ codec: raw, ...quick, sendHighWaterMark: 100 })
    await using proxy = await CuttingProxy.before(await pull.bind('tcp://127.0.0.1:0'))
    push.connect(proxy.endpoint)
    await push.connected()
    let count = 0
    const large = Buffer.alloc(200_000)
    // Until the connection and the queue are full.
    while (
      await push.send([Buffer.from(String(count)), large], { timeout: 100 }).then(
        () => true,
        () => false,
      )
    )
      count++
    const back = once(push.events, 'handshake')
    const broken = once(push.events, 'disconnect')
    proxy.cut()
    const [{ possiblyLost }] = await broken
    await back
    const got: number[] = []
    while (got.at(-1) !== count - 1) got.push(numberIn(((await pull.receive()) as Buffer[])[0]!))
    for (let at = 1; at < got.length; at++) expect(got[at]).toBeGreaterThan(got[at - 1]!)
    expect(got.length).toBeGreaterThan(50)
    expect(count - got.length).toBeLessThanOrEqual(possiblyLost)
  })

  it('a half-open connection is noticed by both ends', async () => {
    const beats = { heartbeatInterval: 10, heartbeatTimeout: 50 }
    await using pull = new Pull<Message>({ codec: raw, ...quick, ...beats })
    await using push = new Push<Message>({ codec: raw, ...quick, ...beats })
    await using proxy = await CuttingProxy.before(await pull.bind('tcp://127.0.0.1:0'))
    push.connect(proxy.endpoint)
    await Promise.all([push.connected(), pull.connected()])
    const noticed = [once(pull.events, 'disconnect'), once(push.events, 'disconnect')]
    proxy.stall()
    for (const [{ error }] of await Promise.all(noticed)) expect(error).toBeInstanceOf(TimeoutError)
    expect(pull.peers).toHaveLength(0)
  })

  it('a connection with much to say is half-open just as well', async () => {
    const beats = { heartbeatInterval: 10, heartbeatTimeout: 50 }
    await using pull = new Pull<Message>({ codec: raw, ...quick, ...beats })
    await using push = new Push<Message>({ codec: raw, ...quick, ...beats, immediate: true })
    await using proxy = await CuttingProxy.before(await pull.bind('tcp://127.0.0.1:0'))
    push.connect(proxy.endpoint)
    await Promise.all([push.connected(), pull.connected()])
    const noticed = once(push.events, 'disconnect')
    proxy.stall()
    while (push.trySend(Buffer.alloc(100_000)));
    const [{ error, possiblyLost }] = await noticed
    expect(error).toBeInstanceOf(TimeoutError)
    expect(possiblyLost).toBeGreaterThan(0)
  })
})
