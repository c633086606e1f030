import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  InvalidMessageError,
  json,
  OptionError,
  Publisher,
  raw,
  Subscriber,
  text,
  XPublisher,
  XSubscriber,
} from '../../../src/index.ts'
import { engineSocketOf } from '../../../src/sockets/socket.ts'
import { link, next } from './link.ts'

const market = {
  topics: {
    'price.*': z.object({ bid: z.number() }),
    'price.total': z.number(),
    status: v.picklist(['open', 'closed']),
  },
}

describe('Publisher and Subscriber with a contract', () => {
  it('carry each topic by its most specific key, exact before pattern', async () => {
    await using publisher = new Publisher(market)
    await using subscriber = new Subscriber(market)
    subscriber.subscribe('price.*', 'status')
    await link(publisher, subscriber)
    await subscriber.ready()
    await publisher.send('price.EUR', { bid: 1 })
    await publisher.send('price.total', 2)
    await publisher.send('status', 'open')
    expect(await subscriber.receiveMany(3)).toEqual([
      { topic: 'price.EUR', value: { bid: 1 }, key: 'price.*' },
      { topic: 'price.total', value: 2, key: 'price.total' },
      { topic: 'status', value: 'open', key: 'status' },
    ])
  })

  it('refuse to send a topic that no key covers, or a value of another key', async () => {
    await using publisher = new Publisher(market)
    await expect(publisher.send('prices' as never, 1 as never)).rejects.toThrow(
      'no key covers topic "prices"; keys are price.total, status, price.*',
    )
    await expect(publisher.send('price.total', 'two' as never)).rejects.toThrow(InvalidMessageError)
    expect(() => publisher.trySend('status', 'ajar' as never)).toThrow(InvalidMessageError)
    expect(() => publisher.trySend(1 as never, 1 as never)).toThrow('a topic is a string, not number')
  })

  it('yield nothing but the topic itself for an exact key, though the wire knows prefixes only', async () => {
    await using subscriber = new Subscriber({ ...market, codec: json })
    await using foreign = new Publisher({ codec: json })
    subscriber.subscribe('status')
    await link(foreign, subscriber)
    await foreign.waitForSubscribers(1, 'status')
    foreign.send('status.detail', 'open')
    foreign.send('status', 'closed')
    expect(await subscriber.receive()).toEqual({ topic: 'status', value: 'closed', key: 'status' })
    expect(subscriber.stats().invalid).toBe(0)
  })

  it('skip and count a received topic that no key covers', async () => {
    await using foreign = new Publisher()
    await using subscriber = new Subscriber(market)
    subscriber.subscribe()
    await link(foreign, subscriber)
    await subscriber.ready()
    const invalid = next(subscriber, 'message:invalid')
    foreign.send('weather', 'rain')
    foreign.send('status', 'open')
    expect((await subscriber.receive()).topic).toBe('status')
    expect((await invalid).error.message).toBe('no key of the contract covers topic "weather"')
    expect(subscriber.stats().invalid).toBe(1)
  })

  it('refuse a contract that is none', () => {
    expect(() => new Publisher({ topics: { status: 'string' } } as never)).toThrow(
      'topic "status" is string; it must be a Standard Schema',
    )
    expect(() => new Subscriber({ topics: 'status' } as never)).toThrow(OptionError)
  })
})

describe('Publisher and Subscriber without a contract', () => {
  it('name the pattern that was subscribed to as the key, else the topic', async () => {
    await using publisher = new Publisher<{ 'price.*': number; status: string }>()
    await using subscriber = new Subscriber<{ 'price.*': number; status: string }>()
    subscriber.subscribe('price.*', 'status')
    await link(publisher, subscriber)
    await subscriber.ready()
    publisher.send('price.EUR', 1)
    publisher.send('status', 'open')
    expect(await subscriber.receiveMany(2)).toEqual([
      { topic: 'price.EUR', value: 1, key: 'price.*' },
      { topic: 'status', value: 'open', key: 'status' },
    ])
  })

  it('subscribe to prefixes, and to everything with none', async () => {
    await using publisher = new Publisher({ codec: text })
    await using some = new Subscriber({ codec: text })
    await using all = new Subscriber({ codec: text })
    some.subscribe('pr')
    all.subscribe()
    await link(publisher, some, all)
    await Promise.all([some.ready(), all.ready()])
    publisher.send('other', '1')
    publisher.send('price', '2')
    expect((await some.receive()).topic).toBe('price')
    expect((await all.receiveMany(2)).map(message => message.topic)).toEqual(['other', 'price'])
  })

  it('count subscriptions: what was subscribed to twice is unsubscribed twice', async () => {
    await using publisher = new Publisher<{ a: number; b: number }>()
    await using subscriber = new Subscriber<{ a: number; b: number }>()
    subscriber.subscribe('a', 'a', 'b')
    subscriber.unsubscribe('a', 'never subscribed')
    await link(publisher, subscriber)
    await subscriber.ready()
    publisher.send('a', 1)
    expect((await subscriber.receive()).value).toBe(1)
    subscriber.unsubscribe('a')
    publisher.send('a', 2)
    publisher.send('b', 3)
    expect((await subscriber.receive()).value).toBe(3)
  })

  it('carry raw messages of several parts behind the topic, and none as an empty value', async () => {
    await using publisher = new XPublisher({ codec: raw })
    await using subscriber = new Subscriber({ codec: raw })
    subscriber.subscribe()
    await link(publisher, subscriber)
    await subscriber.ready()
    publisher.send('a', [Buffer.from('1'), Buffer.from('2')])
    publisher.send('b', Buffer.alloc(0))
    expect((await subscriber.receive()).value).toEqual([Buffer.from('1'), Buffer.from('2')])
    expect((await subscriber.receive()).value).toEqual(Buffer.alloc(0))
  })

  it('take a message of one part for a topic, and skip one whose topic is not UTF-8', async () => {
    await using publisher = new Publisher({ codec: text })
    await using subscriber = new Subscriber({ codec: text })
    subscriber.subscribe()
    await link(publisher, subscriber)
    await subscriber.ready()
    await engineSocketOf(publisher).sink.send([Buffer.from([0xff]), Buffer.from('value')])
    await engineSocketOf(publisher).sink.send(Buffer.from('10001 18 80'))
    expect(await subscriber.receive()).toEqual({ topic: '10001 18 80', value: '', key: '10001 18 80' })
    expect(subscriber.stats().invalid).toBe(1)
  })

  it('publish what is written to the stream', async () => {
    await using publisher = new Publisher<{ a: number }>()
    await using subscriber = new Subscriber<{ a: number }>()
    subscriber.subscribe('a')
    await link(publisher, subscriber)
    await publisher.waitForSubscribers(1, 'a')
    await publisher.writable.getWriter().write({ topic: 'a', value: 1 })
    const { value } = await subscriber.readable.getReader().read()
    expect(value).toEqual({ topic: 'a', value: 1, key: 'a' })
  })
})

describe('XPublisher and XSubscriber', () => {
  it('show subscriptions and messages upstream', async () => {
    await using publisher = new XPublisher({ codec: text })
    await using subscriber = new XSubscriber({ codec: text })
    await link(publisher, subscriber)
    subscriber.subscribe('price.*')
    await subscriber.send('hello up there')
    subscriber.unsubscribe('price.*')
    expect(await publisher.receive()).toEqual({ kind: 'subscribe', topic: 'price.' })
    expect(await publisher.receive()).toEqual({ kind: 'message', value: 'hello up there' })
    expect(await publisher.receive()).toEqual({ kind: 'unsubscribe', topic: 'price.' })
  })

  it('carry publications downstream', async () => {
    await using publisher = new XPublisher(market)
    await using subscriber = new XSubscriber(market)
    subscriber.subscribe('status')
    await link(publisher, subscriber)
    await publisher.waitForSubscribers(1, 'status')
    await publisher.send('status', 'open')
    expect(publisher.trySend('status', 'closed')).toBe(true)
    expect((await subscriber.receiveMany(2)).map(message => message.value)).toEqual(['open', 'closed'])
  })

  it('refuse to send upstream what would be read as a subscription', async () => {
    await using subscriber = new XSubscriber()
    await expect(subscriber.send(1)).rejects.toThrow('may not begin with byte 1')
    expect(() => subscriber.trySend(0)).toThrow(InvalidMessageError)
  })
})
