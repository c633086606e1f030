import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { announce, type Discovery, fingerprint } from '../../src/discovery/index.ts'
import { AddressError, OptionError } from '../../src/errors.ts'
import { json, Pull, raw } from '../../src/index.ts'
import { ByHand } from './support/by-hand.ts'

const portOf = (endpoint: string) => endpoint.slice(endpoint.lastIndexOf(':') + 1)

describe('announce', () => {
  it('says what the socket is', async () => {
    const discovery = new ByHand()
    await using pull = new Pull({ codec: json })
    const endpoint = await pull.bind('tcp://127.0.0.1:0')
    const announcement = announce(pull, 'jobs', { discovery, meta: { zone: 'eu' }, contract: 'jobs/2' })
    const [{ service }] = await once(announcement, 'up')
    expect(service).toEqual({
      name: 'jobs',
      instance: expect.stringMatching(/^[0-9a-f-]{36}$/),
      endpoints: [endpoint],
      socketType: 'PULL',
      protocol: '3.1',
      mechanism: 'NULL',
      publicKey: undefined,
      codec: 'json',
      contract: fingerprint('jobs/2'),
      meta: { zone: 'eu' },
    })
  })

  it('covers every endpoint that is bound or will be, and withdraws each as it goes', async () => {
    const discovery = new ByHand()
    const pull = new Pull()
    const first = await pull.bind('tcp://127.0.0.1:0')
    await using _announcement = announce(pull, 'jobs', { discovery })
    const second = await pull.bind('tcp://127.0.0.1:0')
    await discovery.history.until(lines => lines.includes(`up ${first}`) && lines.includes(`up ${second}`))
    await pull.unbind(second)
    await discovery.history.until(lines => lines.includes(`down ${second}`))
    expect([...discovery.announced.keys()]).toEqual([first])
    await pull.close()
    await discovery.history.until(lines => lines.includes(`down ${first}`))
    expect(discovery.announced.size).toBe(0)
  })

  it('names a socket alike in all its announcements, and no other so', async () => {
    const discovery = new ByHand()
    await using one = new Pull()
    await using two = new Pull()
    for (const pull of [one, one, two]) await pull.bind('tcp://127.0.0.1:0')
    announce(one, 'jobs', { discovery })
    announce(two, 'jobs', { discovery })
    await discovery.history.until(lines => lines.length === 3)
    const instances = [...discovery.announced.values()].map(service => service.instance)
    expect(new Set(instances).size).toBe(2)
  })

  it('tells peers the address that they can use, with the bound port or one of its own', async () => {
    const discovery = new ByHand()
    await using pull = new Pull({ codec: raw })
    const bound = await pull.bind('tcp://127.0.0.1:0')
    announce(pull, 'a', { discovery, address: '203.0.113.9' })
    announce(pull, 'b', { discovery, address: 'tcp://gate.example:80' })
    await discovery.history.until(lines => lines.length === 2)
    expect([...discovery.announced.keys()]).toEqual([
      `tcp://203.0.113.9:${portOf(bound)}`,
      'tcp://gate.example:80',
    ])
  })

  it('ends when disposed of or aborted, also before it began', async () => {
    const discovery = new ByHand()
    await using pull = new Pull()
    await pull.bind('tcp://127.0.0.1:0')
    const disposed = announce(pull, 'a', { discovery })
    await disposed[Symbol.asyncDispose]()
    await disposed[Symbol.asyncDispose]()
    const abort = new AbortController()
    const aborted = announce(pull, 'b', { discovery, signal: abort.signal })
    await once(aborted, 'up')
    abort.abort()
    await once(aborted, 'down')
    announce(pull, 'c', { discovery, signal: AbortSignal.abort() })
    expect(discovery.announced.size).toBe(0)
    expect(discovery.history.lines.map(line => line.split(' ')[0])).toEqual(['up', 'down', 'up', 'down'])
    expect(pull.events.listenerCount('bind')).toBe(0)
  })

  it('throws at once for what can never be announced', async () => {
    const discovery = new ByHand()
    await using pull = new Pull()
    expect(() => announce(pull, 'a\nb', { discovery })).toThrow(OptionError)
    expect(() => announce(pull, 'x'.repeat(64), { discovery })).toThrow(OptionError)
    expect(() => announce(pull, 'a', { discovery, meta: { note: 'x'.repeat(256) } })).toThrow(OptionError)
    expect(() => announce(pull, 'a', { discovery, address: 'not a host' })).toThrow(AddressError)
  })

  it('tells what its provider says or throws as error events, and never ends the process', async () => {
    const failing: Discovery = {
      announce: () => Promise.reject(new Error('no network today')),
      watch: () => new ByHand().watch('jobs'),
      async [Symbol.asyncDispose]() {},
    }
    await using pull = new Pull()
    await pull.bind('tcp://127.0.0.1:0')
    const [error] = await once(announce(pull, 'jobs', { discovery: failing }), 'error')
    expect(error).toMatchObject({
      code: 'DISCOVERY',
      reason: 'provider',
      message: expect.stringContaining('no network today'),
    })
    const warned = once(process, 'warning')
    announce(pull, 'jobs', { discovery: failing })
    expect((await warned)[0]).toMatchObject({ name: 'DiscoveryError' })
  })
})
