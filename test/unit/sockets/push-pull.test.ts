import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  ClosedError,
  InvalidMessageError,
  json,
  OptionError,
  Pair,
  Publisher,
  Pull,
  Push,
  Router,
  raw,
  TimeoutError,
  text,
  UnsupportedError,
} from '../../../src/index.ts'
import { inproc, link, next } from './link.ts'

const jobs = { schema: z.object({ id: z.number(), due: z.string().transform(day => new Date(day)) }) }

describe('Push and Pull', () => {
  it('carry typed values: the input of the schema goes in, its output comes out', async () => {
    await using push = new Push(jobs)
    await using pull = new Pull(jobs)
    await link(pull, push)
    await push.send({ id: 1, due: '2026-01-01' })
    expect(await pull.receive()).toEqual({ id: 1, due: new Date('2026-01-01') })
  })

  it('carry anything without a contract', async () => {
    await using push = new Push()
    await using pull = new Pull()
    await link(pull, push)
    for (const value of [{ a: [1, 'b'] }, null, 0, '']) {
      push.send(value)
      expect(await pull.receive()).toEqual(value)
    }
  })

  it('carry text, JSON and raw messages of several parts', async () => {
    for (const [codec, value] of [
      [text, 'héllo'],
      [json, { a: 1 }],
      [raw, [Buffer.from('a'), Buffer.alloc(0)]],
    ] as const) {
      await using push = new Push<any>({ codec: codec as any })
      await using pull = new Pull<any>({ codec: codec as any })
      await link(pull, push)
      await push.send(value)
      expect(await pull.receive()).toEqual(value)
    }
  })

  it('share one resolved promise among sends that are taken at once', async () => {
    await using push = new Push<number>()
    await using pull = new Pull<number>()
    await link(pull, push)
    expect(push.send(1)).toBe(push.send(2))
    await pull.receiveMany(2)
  })

  it('read a buffer at send with option copy, and share it without', async () => {
    for (const copy of [true, false]) {
      await using push = new Push({ codec: raw, copy })
      await using pull = new Pull({ codec: raw })
      await link(pull, push)
      const bytes = Buffer.from('before')
      push.send(bytes)
      bytes.write('after!')
      expect(String(await pull.receive())).toBe(copy ? 'before' : 'after!')
    }
  })

  it('refuse to send what the schema refuses, and send nothing', async () => {
    await using push = new Push(jobs)
    await using pull = new Pull(jobs)
    await link(pull, push)
    const wrong = { id: 'one', due: '' } as never
    await expect(push.send(wrong)).rejects.toThrow(InvalidMessageError)
    expect(() => push.trySend(wrong)).toThrow(InvalidMessageError)
    expect(push.stats().traffic.sent).toBe(0)
  })

  it('refuse a schema that validates asynchronously, at first use', async () => {
    const schema = z.number().refine(async () => true)
    await using push = new Push({ schema })
    await using pull = new Pull({ schema })
    await using plain = new Push()
    await link(pull, plain)
    await expect(push.send(1)).rejects.toThrow(UnsupportedError)
    const invalid = once(pull.events, 'message:invalid')
    plain.send(1)
    expect(pull.tryReceive()).toBeUndefined()
    expect((await invalid)[0].error.message).toContain('validates asynchronously')
  })

  it('go on after a first message that makes a transformation throw', async () => {
    await using push = new Push<string>()
    await using pull = new Pull({ schema: z.string().transform(text => new URL(text)) })
    await link(pull, push)
    push.send('no address')
    push.send('http://a')
    expect((await pull.receive()).host).toBe('a')
  })
})

describe('a received message that is invalid', () => {
  it('is skipped, counted and told of, by every way to receive', async () => {
    await using push = new Push({ codec: raw })
    await using pull = new Pull({ schema: z.number(), codec: json })
    const told: { error: Error; count: number }[] = []
    pull.events.on('message:invalid', event => told.push(event))
    await link(pull, push)
    for (const message of ['{', '"one"', '1', 'x', '2', 'x', '3', '4', 'x', '5', 'x', '6'])
      push.send(Buffer.from(message))
    expect(await pull.receive()).toBe(1)
    expect(pull.tryReceive()).toBe(2)
    expect(await pull.receiveMany(2)).toEqual([3, 4])
    for await (const value of pull) {
      expect(value).toBe(5)
      break
    }
    expect(await pull[Symbol.asyncIterator]().next()).toEqual({ done: false, value: 6 })
    expect(pull.stats().invalid).toBe(6)
    await pull.close()
    expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(6)
    expect(told.every(({ error }) => error instanceof InvalidMessageError)).toBe(true)
  })

  it('is skipped also when the receive was there first', async () => {
    await using push = new Push({ codec: raw })
    await using pull = new Pull<number>({ codec: json })
    await link(pull, push)
    const received = pull.receive()
    const iterated = pull[Symbol.asyncIterator]().next()
    for (const message of ['x', 'x', '1', '2']) push.send(Buffer.from(message))
    expect([await received, (await iterated).value].sort()).toEqual([1, 2])
  })

  it('does not prolong the time a receive may take', async () => {
    await using push = new Push({ codec: raw })
    await using pull = new Pull({ codec: json })
    await link(pull, push)
    const received = pull.receive({ timeout: 30 })
    const skipped = next(pull, 'message:invalid')
    push.send(Buffer.from('x'))
    await skipped
    await expect(received).rejects.toThrow(TimeoutError)
  })
})

describe('receiving', () => {
  it('takes no more than about 64 KiB of messages as one batch, for its values are in memory together', async () => {
    await using push = new Push({ codec: raw })
    await using pull = new Pull({ codec: raw })
    await link(pull, push)
    for (let count = 0; count < 10; count++) await push.send(Buffer.alloc(30_000))
    expect(await pull.receiveMany(10)).toHaveLength(4)
    expect(await pull.receiveMany(10)).toHaveLength(4)
    expect(await pull.receiveMany(10)).toHaveLength(2)
  })

  it('takes what is here and does not wait, with tryReceive', async () => {
    await using push = new Push<number>()
    await using pull = new Pull<number>()
    await link(pull, push)
    expect(pull.tryReceive()).toBeUndefined()
    push.send(1)
    expect(pull.tryReceive()).toBe(1)
    expect(pull.tryReceive()).toBeUndefined()
  })

  it('waits for the first of many and then takes what is here', async () => {
    await using push = new Push<number>()
    await using pull = new Pull<number>()
    await link(pull, push)
    const many = pull.receiveMany(3)
    for (const value of [1, 2, 3, 4]) push.send(value)
    expect(await many).toEqual([1, 2, 3])
    expect(await pull.receiveMany(3)).toEqual([4])
    await expect(pull.receiveMany(0)).rejects.toThrow(OptionError)
  })

  it('serves any number of waiting calls in order', async () => {
    await using push = new Push<number>()
    await using pull = new Pull<number>()
    await link(pull, push)
    const waiting = [pull.receive(), pull.receive(), pull.receive()]
    for (const value of [1, 2, 3]) push.send(value)
    expect(await Promise.all(waiting)).toEqual([1, 2, 3])
  })

  it('goes on after a loop was left, and ends a loop quietly when the socket is closed', async () => {
    await using push = new Push<number>()
    const pull = new Pull<number>()
    await link(pull, push)
    for (const value of [1, 2]) push.send(value)
    for await (const value of pull) {
      expect(value).toBe(1)
      break
    }
    const rest: number[] = []
    for await (const value of pull) {
      rest.push(value)
      pull.close()
    }
    expect(rest).toEqual([2])
    await expect(pull.receive()).rejects.toThrow(ClosedError)
    expect(await pull[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined })
  })

  it('eats no message when it is aborted', async () => {
    await using push = new Push<number>()
    await using pull = new Pull<number>()
    await link(pull, push)
    const reason = new Error('enough')
    const controller = new AbortController()
    const received = pull.receive({ signal: controller.signal })
    controller.abort(reason)
    await expect(received).rejects.toBe(reason)
    push.send(1)
    expect(await pull.receive()).toBe(1)
  })
})

describe('web streams', () => {
  it('carry values from a writable to a readable', async () => {
    await using push = new Push<number>()
    const pull = new Pull<number>()
    await link(pull, push)
    const writer = push.writable.getWriter()
    for (const value of [1, 2, 3]) writer.write(value)
    await writer.close()
    const values: number[] = []
    for await (const value of pull.readable) {
      values.push(value)
      if (value === 3) pull.close()
    }
    expect(values).toEqual([1, 2, 3])
  })

  it('lose no value when the readable is cancelled while it waits', async () => {
    await using push = new Push<number>()
    await using pull = new Pull<number>()
    await link(pull, push)
    const reader = pull.readable.getReader()
    const read = reader.read()
    await reader.cancel()
    expect((await read).done).toBe(true)
    push.send(1)
    expect(await pull.receive()).toBe(1)
  })

  it('give up the send that waits when the writable is aborted', async () => {
    await using push = new Push<number>()
    const writer = push.writable.getWriter()
    const written = writer.write(1)
    const settled = expect(written).rejects.toThrow('enough')
    await writer.abort(new Error('enough'))
    await settled
    await using pull = new Pull<number>()
    await link(pull, push)
    await push.send(2)
    expect(await pull.receive()).toBe(2)
  })

  it('fail a write of an invalid value', async () => {
    await using push = new Push({ schema: z.number() })
    await expect(push.writable.getWriter().write('one' as never)).rejects.toThrow(InvalidMessageError)
  })
})

describe('a socket', () => {
  it('refuses wrong settings at once, and says what would be right', () => {
    expect(() => new Push({ highWaterMark: 1 } as never)).toThrow('unknown option "highWaterMark"')
    expect(() => new Push({ linger: -1 })).toThrow('option linger is -1')
    expect(() => new Push({ schema: { id: 'number' } } as never)).toThrow('must be a Standard Schema')
    expect(() => new Pull({ codec: 'json' } as never)).toThrow('a codec has encode and decode')
    expect(() => new Pull({ engine: {} } as never)).toThrow('must be an engine')
    expect(() => new Pull({ topics: {} } as never)).toThrow(OptionError)
    expect(() => new Push({ toString: 1 } as never)).toThrow('unknown option "toString"')
    expect(() => new Push({ mandatory: true } as never)).toThrow('option mandatory means nothing to PUSH')
    expect(() => new Router({ onFull: 'drop-newest' } as never)).toThrow('which ROUTER cannot do')
    expect(() => new Publisher({ onFull: 'reject' } as never)).toThrow('which PUB cannot do')
  })

  it('connects and answers itself', async () => {
    await using pull = new Pull<number>()
    await using push = new Push<number>().connect(await pull.bind(inproc()))
    await push.send(1)
    expect(await pull.receive()).toBe(1)
  })

  it('shows its peers', async () => {
    await using push = new Push()
    await using pull = new Pull()
    await link(pull, push)
    expect(pull.peers.map(peer => peer.socketType)).toEqual(['PUSH'])
    expect(pull.stats().peers).toHaveLength(1)
  })

  it('warns the process when disposal had to drop messages', async () => {
    const warned = new Promise<Error & { code?: string }>(resolve => process.once('warning', resolve))
    {
      await using push = new Push<number>({ linger: 0 }).connect('tcp://127.0.0.1:1')
      await push.send(1)
    }
    expect((await warned).code).toBe('TYPEDMQ_DROPPED')
    expect((await warned).message).toContain('PUSH socket was closed with 1 messages unsent')
  })
})

describe('Pair', () => {
  it('carries values both ways, of one type or of two', async () => {
    await using one = new Pair({ out: z.number(), in: z.string() })
    await using other = new Pair({ out: z.string(), in: z.number() })
    await link(one, other)
    await one.send(1)
    await other.send('two')
    expect(await other.receive()).toBe(1)
    expect(await one.receive()).toBe('two')
    await expect(one.send('two' as never)).rejects.toThrow(InvalidMessageError)
    await using same = new Pair({ schema: z.number() })
    await expect(same.send('two' as never)).rejects.toThrow(InvalidMessageError)
  })
})
