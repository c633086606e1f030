import { afterEach, describe, expect, test } from 'vitest'
import { AddressError } from '../../../src/errors.ts'
import type { Peer } from '../../../src/peer.ts'
import { Pipe, type PipeOwner } from '../../../src/queue/pipe.ts'
import { inproc } from '../../../src/transport/inproc.ts'
import type { Listener } from '../../../src/transport/transport.ts'
import { never, turns } from './streams.ts'

const transport = inproc()
const marks = { messages: 10, bytes: 1000 }
const owner: PipeOwner = { readable() {}, pressed() {}, writable() {}, detached() {}, drained() {} }

function peer(id: string): Peer {
  return {
    socketType: 'PAIR',
    routingId: Buffer.from(id),
    address: 'inproc://test',
    metadata: new Map(),
    protocol: 'inproc',
    userId: undefined,
  }
}

function dial(endpoint: string, signal: AbortSignal = never, id = 'dialler') {
  const [near, far] = Pipe.pair(owner, owner, marks, marks)
  return { near, far, answer: transport.dial(endpoint, far, peer(id), signal) }
}

const listeners: Listener[] = []
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close()
})

async function listen(endpoint: string, accept: (far: Pipe, dialler: Peer) => Peer = () => peer('listener')) {
  const listener = await transport.listen(endpoint, accept)
  listeners.push(listener)
  return listener
}

describe('inproc', () => {
  test('hands over the far end of the pipe, and who is who', async () => {
    const taken: [Pipe, Peer][] = []
    const listener = await listen('inproc://hand-over', (far, dialler) => {
      taken.push([far, dialler])
      return peer('listener')
    })
    expect(listener.endpoint).toBe('inproc://hand-over')
    const { near, far, answer } = dial('inproc://hand-over')
    expect((await answer).routingId.toString()).toBe('listener')
    expect(taken.map(([pipe, dialler]) => [pipe === far, dialler.routingId.toString()])).toEqual([
      [true, 'dialler'],
    ])
    near.offer(Buffer.from('hello'))
    expect(taken[0]![0].read()?.toString()).toBe('hello')
  })

  test('a dial waits until somebody listens, and is accepted after listen has answered', async () => {
    const order: string[] = []
    const first = dial('inproc://later', never, 'first')
    const second = dial('inproc://later', never, 'second')
    await turns()
    const listening = listen('inproc://later', (_far, dialler) => {
      order.push(dialler.routingId.toString())
      return peer('listener')
    })
    await listening
    order.push('listening')
    await Promise.all([first.answer, second.answer])
    expect(order).toEqual(['listening', 'first', 'second'])
  })

  test('a dial that waits keeps no process alive', async () => {
    const before = process.getActiveResourcesInfo().length
    const controller = new AbortController()
    const { answer } = dial('inproc://nobody', controller.signal)
    expect(process.getActiveResourcesInfo().length).toBe(before)
    controller.abort()
    await expect(answer).rejects.toThrow()
  })

  test('an abort ends the waiting with the reason of the signal, for that dialler alone', async () => {
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    const gone = dial('inproc://aborted', controller.signal, 'gone')
    const stays = dial('inproc://aborted', never, 'stays')
    controller.abort(reason)
    await expect(gone.answer).rejects.toBe(reason)
    await expect(dial('inproc://aborted', controller.signal).answer).rejects.toBe(reason)
    const accepted: string[] = []
    await listen('inproc://aborted', (_far, dialler) => {
      accepted.push(dialler.routingId.toString())
      return peer('listener')
    })
    await stays.answer
    expect(accepted).toEqual(['stays'])
  })

  test('a dialler aborted while another is being accepted is not accepted', async () => {
    const controller = new AbortController()
    const first = dial('inproc://in-turn', never, 'first')
    const second = dial('inproc://in-turn', controller.signal, 'second')
    const accepted: string[] = []
    await listen('inproc://in-turn', (_far, dialler) => {
      accepted.push(dialler.routingId.toString())
      controller.abort(new Error('enough'))
      return peer('listener')
    })
    await first.answer
    await expect(second.answer).rejects.toThrow('enough')
    expect(accepted).toEqual(['first'])
  })

  test('a name can be bound once; the error names it', async () => {
    await listen('inproc://once')
    const error = await transport.listen('inproc://once', () => peer('other')).catch(reason => reason)
    expect(error).toBeInstanceOf(AddressError)
    expect(error).toMatchObject({ code: 'ADDRESS_IN_USE', endpoint: 'inproc://once' })
    expect(error.message).toContain('inproc://once')
  })

  test('what accept throws rejects the dial, at once or after waiting, and the listener goes on', async () => {
    const early = dial('inproc://picky', never, 'unwanted')
    await listen('inproc://picky', (_far, dialler) => {
      if (dialler.routingId.toString() === 'unwanted') throw new Error('not you')
      return peer('listener')
    })
    await expect(early.answer).rejects.toThrow('not you')
    await expect(dial('inproc://picky', never, 'unwanted').answer).rejects.toThrow('not you')
    expect((await dial('inproc://picky', never, 'welcome').answer).routingId.toString()).toBe('listener')
  })

  test('close frees the name; diallers wait again, and a second close does not touch the next listener', async () => {
    const first = await listen('inproc://free')
    await first.close()
    const waiting = dial('inproc://free')
    await turns()
    await listen('inproc://free', () => peer('second'))
    await first.close()
    expect((await waiting.answer).routingId.toString()).toBe('second')
    expect((await dial('inproc://free').answer).routingId.toString()).toBe('second')
  })

  test('a listener that closes at once accepts nobody; the diallers wait for the next', async () => {
    const waiting = dial('inproc://brief')
    const brief = await listen('inproc://brief', () => peer('brief'))
    await brief.close()
    await turns()
    await listen('inproc://brief', () => peer('next'))
    expect((await waiting.answer).routingId.toString()).toBe('next')
  })

  test('every copy of the module shares the names', async () => {
    await listen('inproc://copies')
    const copy = (await import(`../../../src/transport/inproc.ts?${'copy'}`)) as { inproc: typeof inproc }
    expect(copy.inproc).not.toBe(inproc)
    const [, far] = Pipe.pair(owner, owner, marks, marks)
    const answer = await copy.inproc().dial('inproc://copies', far, peer('dialler'), never)
    expect(answer.routingId.toString()).toBe('listener')
  })

  test('an endpoint without a name is refused', async () => {
    expect(() => transport.check('inproc://')).toThrow(AddressError)
    await expect(transport.listen('inproc://', () => peer('x'))).rejects.toThrow(AddressError)
    await expect(dial('inproc://').answer).rejects.toThrow(AddressError)
  })
})
