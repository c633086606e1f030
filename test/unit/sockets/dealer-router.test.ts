import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  Dealer,
  InvalidMessageError,
  Reply,
  Request,
  Router,
  raw,
  text,
  UnroutableError,
} from '../../../src/index.ts'
import { link, linkOver } from './link.ts'

describe('Dealer and Router', () => {
  it('share the contract of Request and Reply', async () => {
    const contract = { request: z.number(), answer: z.string() }
    await using dealer = new Dealer(contract)
    await using router = new Router(contract)
    await link(router, dealer)
    await dealer.send(1)
    const { peer, envelope, value } = await router.receive()
    expect([envelope, value]).toEqual([[], 1])
    await router.send(peer, 'one', envelope)
    expect(await dealer.receive()).toBe('one')
    await expect(dealer.send('one' as never)).rejects.toThrow(InvalidMessageError)
    await expect(router.send(peer, 1 as never)).rejects.toThrow(InvalidMessageError)
  })

  it('name peers by their routing id, as bytes or as text', async () => {
    await using dealer = new Dealer({ codec: text, routingId: 'worker-1' })
    await using router = new Router({ codec: text })
    await link(router, dealer)
    await router.send('worker-1', 'hello')
    expect(router.trySend(Buffer.from('worker-1'), 'again')).toBe(true)
    expect(await dealer.receiveMany(2)).toHaveLength(2)
  })

  it('reject a message for nobody, with the message', async () => {
    await using router = new Router({ codec: text })
    const error = await router.send('nobody', 'hello').catch(error => error)
    expect(error).toBeInstanceOf(UnroutableError)
    expect(error.undelivered).toEqual([Buffer.from('nobody'), Buffer.from('hello')])
    expect(() => router.trySend('nobody', 'hello')).toThrow(UnroutableError)
  })

  it('carry raw messages untouched, empty parts included', async () => {
    await using dealer = new Dealer({ codec: raw })
    await using router = new Router({ codec: raw })
    await link(router, dealer)
    const parts = ['a', '', 'b', ''].map(part => Buffer.from(part))
    await dealer.send(parts)
    const { peer, envelope, value } = await router.receive()
    expect([envelope, value]).toEqual([[], parts])
    await router.send(peer, value)
    expect(await dealer.receive()).toEqual(parts)
  })

  it('speak in envelopes when both are told to', async () => {
    await using dealer = new Dealer({ codec: raw, envelope: true })
    await using router = new Router({ codec: raw, envelope: true })
    await link(router, dealer)
    await dealer.send(Buffer.from('a'))
    const { peer, envelope, value } = await router.receive()
    expect([envelope, value]).toEqual([[], Buffer.from('a')])
    await router.send(peer, Buffer.from('b'), [Buffer.from('x'), Buffer.from('y')])
    expect(await dealer.receive()).toEqual(Buffer.from('b'))
  })

  it('write to streams', async () => {
    await using dealer = new Dealer({ codec: text, routingId: 'd' })
    await using router = new Router({ codec: text })
    await link(router, dealer)
    await router.writable.getWriter().write({ peer: 'd', value: 'hello' })
    await dealer.writable.getWriter().write(await dealer.receive())
    const { value } = await router.readable.getReader().read()
    expect(value?.value).toBe('hello')
  })
})

describe('a Router', () => {
  it('splits what Requests send, and nothing else', async () => {
    await using router = new Router({ codec: text })
    await using request = new Request({ codec: text })
    await using strict = new Request({ codec: text, strict: true })
    await using dealer = new Dealer({ codec: text })
    await link(router, request, strict, dealer)
    const answers = [request.request('asked'), strict.request('strictly')]
    await dealer.send('plain')
    const lengths: Record<string, number> = {}
    for (const { peer, envelope, value } of await Promise.all([1, 2, 3].map(() => router.receive()))) {
      lengths[value] = envelope.length
      await router.send(peer, `${value}!`, envelope)
    }
    expect(lengths).toEqual({ asked: 1, strictly: 0, plain: 0 })
    expect(await Promise.all(answers)).toEqual(['asked!', 'strictly!'])
    expect(await dealer.receive()).toBe('plain!')
  })

  it('splits what a Request sent that has gone since', async () => {
    await using router = new Router({ codec: text })
    const request = new Request({ codec: text })
    await linkOver('tcp://127.0.0.1:0', router, request)
    const gone = new Promise(resolve => router.events.once('disconnect', resolve))
    request.request('asked').catch(() => {})
    await request.close()
    await gone
    expect((await router.receive()).value).toBe('asked')
  })
})

describe('a Dealer', () => {
  it('talks to a Reply without knowing of envelopes', async () => {
    await using dealer = new Dealer({ codec: text })
    await using reply = new Reply({ codec: text })
    await link(reply, dealer)
    reply.serve(value => `${value}!`)
    await dealer.send('a')
    await dealer.send('')
    expect(await dealer.receiveMany(1)).toEqual(['a!'])
    expect(await dealer.receive()).toBe('!')
  })

  it('talks to a Reply with envelopes just the same', async () => {
    await using dealer = new Dealer({ codec: text, envelope: true })
    await using reply = new Reply({ codec: text })
    await link(reply, dealer)
    reply.serve(value => `${value}!`)
    await dealer.send('a')
    expect(await dealer.receive()).toBe('a!')
  })
})
