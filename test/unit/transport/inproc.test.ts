import { afterEach, describe, expect, test } from 'vitest'
import { AddressError } from '../../../src/errors.ts'
import { Queue } from '../../../src/queue/queue.ts'
import { inproc } from '../../../src/transport/inproc.ts'
import type { InprocAccept, InprocAnswer, InprocEnd, Listener } from '../../../src/transport/transport.ts'
import { never, turns } from './streams.ts'

const transport = inproc()
const marks = { messages: 10, bytes: 1000 }

function endOf(id: string): InprocAnswer {
  const identity = {
    socketType: 'PAIR',
    routingId: Buffer.from(id),
    address: 'inproc://test',
    metadata: new Map(),
    protocol: 'inproc',
    userId: undefined,
  } as const
  return {
    identity,
    outgoing: new Queue(marks),
    incoming: new Queue(marks),
    partner: { left: () => true },
    join: () => true,
  }
}

const idOf = ({ identity }: InprocEnd) => identity.routingId.toString()

/** Resolves with the listener's end, or rejects with what it has against the dialler. */
function dial(endpoint: string, signal: AbortSignal = never, id = 'dialler'): Promise<InprocEnd> {
  return new Promise((resolve, reject) => {
    const found = (accept: InprocAccept) => {
      try {
        resolve(accept(endOf(id)))
      } catch (error) {
        reject(error)
      }
    }
    transport.dial(endpoint, found, signal)
  })
}

const listeners: Listener[] = []
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close()
})

async function listen(endpoint: string, accept: InprocAccept = () => endOf('listener')) {
  const listener = await transport.listen(endpoint, accept)
  listeners.push(listener)
  return listener
}

describe('inproc', () => {
  test('brings a dialler to the listener, each with its own end, before the dial has returned', async () => {
    const taken: InprocEnd[] = []
    const own = endOf('listener')
    const listener = await listen('inproc://hand-over', end => {
      taken.push(end)
      return own
    })
    expect(listener.endpoint).toBe('inproc://hand-over')
    const end = endOf('dialler')
    let answer: InprocEnd | undefined
    transport.dial('inproc://hand-over', accept => (answer = accept(end)), never)
    expect([taken[0] === end, answer === own]).toEqual([true, true])
  })

  test('a dial waits until somebody listens, and is accepted after listen has answered', async () => {
    const order: string[] = []
    const answers = [dial('inproc://later', never, 'first'), dial('inproc://later', never, 'second')]
    await turns()
    await listen('inproc://later', end => {
      order.push(idOf(end))
      return endOf('listener')
    })
    order.push('listening')
    await Promise.all(answers)
    expect(order).toEqual(['listening', 'first', 'second'])
  })

  test('a dial that waits keeps no process alive', () => {
    const before = process.getActiveResourcesInfo().length
    const controller = new AbortController()
    transport.dial('inproc://nobody', () => {}, controller.signal)
    expect(process.getActiveResourcesInfo().length).toBe(before)
    controller.abort()
  })

  test('an abort ends the waiting, for that dialler alone', async () => {
    const controller = new AbortController()
    const found: string[] = []
    const gone = () => found.push('gone')
    transport.dial('inproc://aborted', gone, controller.signal)
    const stays = dial('inproc://aborted', never, 'stays')
    controller.abort()
    transport.dial('inproc://aborted', gone, controller.signal)
    await listen('inproc://aborted', end => {
      found.push(idOf(end))
      return endOf('listener')
    })
    await stays
    expect(found).toEqual(['stays'])
  })

  test('a dialler aborted while another is being accepted is not accepted', async () => {
    const controller = new AbortController()
    const first = dial('inproc://in-turn', never, 'first')
    void dial('inproc://in-turn', controller.signal, 'second')
    const accepted: string[] = []
    await listen('inproc://in-turn', end => {
      accepted.push(idOf(end))
      controller.abort()
      return endOf('listener')
    })
    await first
    await turns()
    expect(accepted).toEqual(['first'])
  })

  test('a name can be bound once; the error names it', async () => {
    await listen('inproc://once')
    const error = await transport.listen('inproc://once', () => endOf('other')).catch(reason => reason)
    expect(error).toBeInstanceOf(AddressError)
    expect(error).toMatchObject({ code: 'ADDRESS_IN_USE', endpoint: 'inproc://once' })
    expect(error.message).toContain('inproc://once')
  })

  test('what accept throws reaches the dialler, at once or after waiting, and the listener goes on', async () => {
    const early = dial('inproc://picky', never, 'unwanted')
    await listen('inproc://picky', end => {
      if (idOf(end) === 'unwanted') throw new Error('not you')
      return endOf('listener')
    })
    await expect(early).rejects.toThrow('not you')
    await expect(dial('inproc://picky', never, 'unwanted')).rejects.toThrow('not you')
    expect(idOf(await dial('inproc://picky', never, 'welcome'))).toBe('listener')
  })

  test('close frees the name; diallers wait again, and a second close does not touch the next listener', async () => {
    const first = await listen('inproc://free')
    await first.close()
    const waiting = dial('inproc://free')
    await turns()
    await listen('inproc://free', () => endOf('second'))
    await first.close()
    expect(idOf(await waiting)).toBe('second')
    expect(idOf(await dial('inproc://free'))).toBe('second')
  })

  test('a listener that closes at once accepts nobody; the diallers wait for the next', async () => {
    const waiting = dial('inproc://brief')
    const brief = await listen('inproc://brief', () => endOf('brief'))
    await brief.close()
    await turns()
    await listen('inproc://brief', () => endOf('next'))
    expect(idOf(await waiting)).toBe('next')
  })

  test('every copy of the module shares the names', async () => {
    await listen('inproc://copies')
    const copy = (await import(`../../../src/transport/inproc.ts?${'copy'}`)) as { inproc: typeof inproc }
    expect(copy.inproc).not.toBe(inproc)
    let answer: InprocEnd | undefined
    copy.inproc().dial('inproc://copies', accept => (answer = accept(endOf('dialler'))), never)
    expect(idOf(answer!)).toBe('listener')
  })

  test('an endpoint without a name is refused', async () => {
    expect(() => transport.check('inproc://')).toThrow(AddressError)
    await expect(transport.listen('inproc://', () => endOf('x'))).rejects.toThrow(AddressError)
    expect(() => transport.dial('inproc://', () => {}, never)).toThrow(AddressError)
  })
})
