import { queryObjects } from 'node:v8'
import { describe, expect, it } from 'vitest'
import {
  Dealer,
  Publisher,
  Pull,
  Push,
  proxy,
  Reply,
  Request,
  Router,
  raw,
  StateError,
  Subscriber,
  text,
  XPublisher,
  XSubscriber,
} from '../../../src/index.ts'
import { link, linkOver } from './link.ts'

describe('a proxy', () => {
  it('brings requests to replies and answers back', async () => {
    await using front = new Router()
    await using back = new Dealer()
    await using request = new Request({ codec: text })
    await using replies = new Reply({ codec: text })
    await link(front, request)
    await link(back, replies)
    const running = proxy(front, back)
    replies.serve(value => `${value}!`)
    expect(await Promise.all(['a', 'b'].map(value => request.request(value)))).toEqual(['a!', 'b!'])
    await front.close()
    await running
  })

  it('brings subscriptions upstream and publications downstream', async () => {
    await using front = new XSubscriber()
    await using back = new XPublisher()
    await using publisher = new Publisher<{ 'a.*': number }>()
    await using subscriber = new Subscriber<{ 'a.*': number }>()
    await link(publisher, front)
    await link(back, subscriber)
    const controller = new AbortController()
    const running = proxy(front, back, { signal: controller.signal })
    subscriber.subscribe('a.*')
    await publisher.waitForSubscribers(1, 'a.*')
    await publisher.send('a.b', 1)
    expect(await subscriber.receive()).toEqual({ topic: 'a.b', value: 1, key: 'a.*' })
    controller.abort()
    await running
  })

  it('passes messages of several parts on untouched, with a copy to the capture', async () => {
    await using front = new Pull()
    await using back = new Push()
    await using push = new Push({ codec: raw })
    await using pull = new Pull({ codec: raw })
    await using capture = new Push()
    await using captured = new Pull({ codec: raw })
    await link(front, push)
    await link(back, pull)
    await link(captured, capture)
    const controller = new AbortController()
    const running = proxy(front, back, { capture, signal: controller.signal })
    const parts = ['a', '', 'b'].map(part => Buffer.from(part))
    await push.send(parts)
    expect(await pull.receive()).toEqual(parts)
    expect(await captured.receive()).toEqual(parts)
    controller.abort()
    await running
  })

  it('stops taking messages while there is nowhere to put them, and loses none when it is ended then', async () => {
    const marks = { sendHighWaterMark: 1, receiveHighWaterMark: 1 }
    await using front = new Pull<number>(marks)
    await using back = new Push<number>(marks)
    await using push = new Push<number>(marks)
    await link(front, push)
    const controller = new AbortController()
    const running = proxy(front, back, { signal: controller.signal })
    await push.send(1)
    let sent = 1
    while (push.trySend(sent + 1)) sent++
    expect(sent).toBeLessThanOrEqual(5)
    controller.abort()
    await running
    await using pull = new Pull<number>(marks)
    await link(pull, back)
    expect(await pull.receive()).toBe(1)
    expect(await front.receive()).toBe(2)
  })

  it('keeps nothing of the messages that had to wait for room', async () => {
    const marks = { sendHighWaterMark: 1, receiveHighWaterMark: 1 }
    await using front = new Pull<number>(marks)
    await using back = new Push<number>(marks)
    await using push = new Push<number>(marks)
    await using pull = new Pull<number>(marks)
    await link(front, push)
    await link(back, pull)
    const controller = new AbortController()
    const running = proxy(front, back, { signal: controller.signal })
    const pass = async (count: number) => {
      const sending = (async () => {
        for (let sent = 0; sent < count; sent++) await push.send(sent)
      })()
      for (let received = 0; received < count; received++) {
        // Later than all that can happen at once: the proxy waits for room each time.
        await new Promise(resolve => setImmediate(resolve))
        await pull.receive()
      }
      await sending
    }
    await pass(100)
    const promises = () => Number(queryObjects(Promise))
    const before = promises()
    await pass(2000)
    expect(promises() - before).toBeLessThan(500)
    controller.abort()
    await running
  })

  it('drops an answer whose asker has gone, and goes on', async () => {
    await using front = new Router()
    await using back = new Dealer()
    await using replies = new Reply({ codec: text })
    const impatient = new Request({ codec: text })
    await using patient = new Request({ codec: text })
    await linkOver('tcp://127.0.0.1:0', front, impatient, patient)
    await link(back, replies)
    const running = proxy(front, back)
    impatient.request('lost').catch(() => {})
    const asked = await replies.receive()
    const gone = new Promise(resolve => front.events.once('disconnect', resolve))
    await impatient.close()
    await gone
    await asked.reply('lost')
    replies.serve(value => `${value}!`)
    expect(await patient.request('a')).toBe('a!')
    await back.close()
    await running
  })

  it('ends at once when its signal has aborted before', async () => {
    await using front = new Pull()
    await using back = new Push()
    await proxy(front, back, { signal: AbortSignal.abort() })
  })

  it('refuses sockets that do not go together', async () => {
    await using pull = new Pull()
    await using push = new Push()
    await expect(proxy(push as never, pull as never)).rejects.toThrow(StateError)
  })
})
