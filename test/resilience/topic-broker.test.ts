/** A broker of topics, and peers behind it that ask for more than there can be. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { Publisher, proxy, raw, Subscriber, XPublisher, XSubscriber } from '../../src/index.ts'
import { encodeCommand } from '../../src/wire/command.ts'
import { foreignOpening } from '../unit/session/sides.ts'
import { commandBytes } from '../unit/wire/streams.ts'

const TCP = 'tcp://127.0.0.1:0'
/** Topics that a publisher takes from a broker; 100,000 by default. */
const MOST = 10_000

/** Passes topics on from an upstream endpoint. */
class Broker implements AsyncDisposable {
  readonly front = new XSubscriber<any>({ codec: raw })
  readonly back = new XPublisher<any>({ codec: raw, maxTopics: MOST })
  readonly #running: Promise<void>

  constructor(upstream: string) {
    this.front.connect(upstream)
    this.#running = proxy(this.front, this.back)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.front.close(), this.back.close()])
    await this.#running
  }
}

/** Subscribes to 6,000 topics, and comes back whenever it is thrown out. */
class Stranger implements AsyncDisposable {
  readonly #port: number
  readonly #bytes: Buffer
  #socket: Socket | undefined
  #over = false

  constructor(endpoint: string, name: string) {
    this.#port = Number(endpoint.split(':').at(-1))
    const subscriptions = Array.from({ length: 6000 }, (_, topic) =>
      commandBytes(encodeCommand('SUBSCRIBE', Buffer.from(`${name}.${topic}`))),
    )
    this.#bytes = Buffer.concat([foreignOpening('SUB'), ...subscriptions])
    this.#visit()
  }

  #visit(): void {
    const socket = connect(this.#port, '127.0.0.1')
    socket.on('error', () => {})
    socket.on('close', () => !this.#over && this.#visit())
    socket.resume()
    socket.write(this.#bytes)
    this.#socket = socket
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true
    if (this.#socket!.closed) return
    this.#socket!.destroy()
    await once(this.#socket!, 'close')
  }
}

test('all topics arrive upstream of a broker, however many there are, and all go again', async () => {
  await using publisher = new Publisher<any>({ codec: raw })
  await using broker = new Broker(await publisher.bind(TCP))
  const endpoint = await broker.back.bind(TCP)
  const subscriber = new Subscriber<any>({ codec: raw })
  subscriber.connect(endpoint)
  await subscriber.connected()
  const topics = Array.from({ length: 5000 }, (_, topic) => `topic ${topic}.`)
  subscriber.subscribe(...topics)
  for (const topic of topics) await publisher.waitForSubscribers(1, topic)
  await subscriber.close()
  await using last = new Subscriber<any>({ codec: raw })
  last.subscribe('last')
  last.connect(endpoint)
  await publisher.waitForSubscribers(1, 'last')
  const left = topics.map(topic => publisher.waitForSubscribers(1, topic, { timeout: 0 }))
  expect((await Promise.allSettled(left)).filter(({ status }) => status === 'fulfilled')).toEqual([])
  expect([broker.front, broker.back].map(socket => socket.stats().dropped)).toEqual([{}, {}])
}, 60_000)

test.each([1, 2])(
  'strangers who ask for too many topics of %i brokers in a row cost a subscriber nothing',
  async levels => {
    await using publisher = new Publisher<any>({ codec: raw, maxSubscriptions: MOST })
    let cuts = 0
    publisher.events.on('disconnect', () => cuts++)
    await using first = new Broker(await publisher.bind(TCP))
    await using second = new Broker(await first.back.bind(TCP))
    const { back } = levels === 1 ? first : second
    const endpoint = await back.bind(TCP)
    await using _one = new Stranger(endpoint, 'one')
    await using _other = new Stranger(endpoint, 'other')
    const thrownOut: unknown[] = []
    back.events.on('disconnect', ({ error }) => thrownOut.push(error?.message))
    await once(back.events, 'disconnect')
    await using subscriber = new Subscriber<any>({ codec: raw })
    subscriber.subscribe('news')
    subscriber.connect(endpoint)
    await publisher.waitForSubscribers(1, 'news')
    for (let round = 0; round < 4; round++) {
      for (let message = 0; message < 50; message++) await publisher.send('news', Buffer.from('word'))
      await once(back.events, 'disconnect')
    }
    for (let received = 0; received < 200; received++) await subscriber.receive({ timeout: 30_000 })
    expect(new Set(thrownOut)).toEqual(
      new Set(['more than 10000 topics in all, and this peer has the greatest share']),
    )
    expect(cuts).toBe(0)
  },
  120_000,
)
