/** Sources that mean no good, in `top`: each is a line of the table, and costs what it may. */
import { json, Pull, Reply, raw } from 'typedmq'
import { announce, mdns } from 'typedmq/discovery'
import { serveStatistics } from 'typedmq/observability'
import { describe, expect, test } from 'vitest'
import { Sources } from '../../src/cli/top/sources.ts'
import { ByHand } from '../discovery/support/by-hand.ts'
import { typedmq, useProgram } from './typedmq.ts'

useProgram()

const ANY = 'tcp://127.0.0.1:0'

/** A Reply that gives everybody this answer. */
async function answering(answer: unknown, codec: typeof json | typeof raw = json) {
  const reply = new Reply<any, any>({ codec: codec as never, linger: 0 })
  const endpoint = await reply.bind(ANY)
  void reply.serve(() => answer)
  return { endpoint, [Symbol.asyncDispose]: async () => void (await reply.close({ linger: 0 })) }
}

describe('One bad source', () => {
  test('that answers nonsense is shown with its reason, beside the good one', async () => {
    await using pull = new Pull()
    await using good = await serveStatistics(ANY, { sockets: [pull], name: 'good' })
    await using one = await answering({ version: 1, sockets: [null] })
    await using two = await answering({ version: 1, host: 'h', pid: 1, uptime: 1, sockets: [{}] })
    await using three = await answering({ version: 1, host: {}, sockets: 'x\x1b[2J' })
    await using four = await answering(Buffer.from('[['), raw)
    const all = [one, two, three, four, good].flatMap(({ endpoint }) => ['-c', endpoint])
    const top = await typedmq(['top', '--once', '-i', '50ms', ...all])
    expect(top).toMatchObject({ code: 0, stderr: '' })
    expect(top.stdout).toMatch(/^good +PULL +- +0 peers/m)
    expect(top.stdout.match(/no snapshot of statistics: snapshot\.\S+ must be/g)).toHaveLength(3)
    for (const { endpoint } of [one, two, three, four]) expect(top.stdout).toContain(endpoint)
  })

  test('that announces a statistics endpoint which is none ends nothing', async () => {
    const name = `top-${process.pid}`
    await using discovery = mdns({ interfaces: ['lo'] })
    await using pull = new Pull()
    await using bad = new Pull()
    await using good = await serveStatistics(ANY, { sockets: [pull], name: 'good' })
    await Promise.all([pull.bind(ANY), bad.bind(ANY)])
    announce(bad, name, { discovery, meta: { statistics: 'tcp://no port\x1b[2J' } })
    announce(pull, name, { discovery, meta: { statistics: good.endpoint } })
    const top = await typedmq(['top', name, '--interface', 'lo', '--once', '-i', '50ms'])
    expect(top).toMatchObject({ code: 0, stderr: '' })
    expect(top.stdout).toMatch(/^good +PULL/m)
    expect(top.stdout).toMatch(new RegExp(`^${name} +- +no port in "tcp://no port\ufffd\\[2J"`, 'm'))
  })
})

describe('Announced sources', () => {
  /** What is followed, once all of it has been heard. */
  async function follow(discovery: ByHand) {
    const end = new AbortController()
    const sources = new Sources({})
    const following = sources.follow(discovery, '*', end.signal)
    await new Promise(setImmediate)
    return {
      sources,
      [Symbol.asyncDispose]: async () => {
        end.abort()
        await following
        await sources.close()
      },
    }
  }

  test('are read only at the host that announces them', async () => {
    const discovery = new ByHand()
    const up = (at: string, statistics: string) =>
      discovery.up(`${at} ${statistics}`, [`tcp://${at}:5555`], { meta: { statistics }, source: at })
    up('192.0.2.7', 'tcp://192.0.2.7:7770')
    up('192.0.2.7', 'tcp://*:7771')
    up('127.0.0.1', 'tcp://127.0.0.1:7772')
    up('192.0.2.7', 'tcp://127.0.0.1:22')
    up('192.0.2.7', 'tcp://198.51.100.9:443')
    up('192.0.2.7', 'tcp://192.0.2.7:*')
    up('192.0.2.7', `tcp://[${':'.repeat(100_000)}x:1`)
    await using followed = await follow(discovery)
    const { readings } = followed.sources
    expect(readings.filter(({ error }) => error === 'no answer yet').map(({ endpoint }) => endpoint)).toEqual(
      ['tcp://192.0.2.7:7770', 'tcp://192.0.2.7:7771', 'tcp://127.0.0.1:7772'],
    )
    expect(readings).toHaveLength(7)
  })

  test('are 50 of one announcer and 100 in all; one that announces most makes room', async () => {
    const discovery = new ByHand()
    for (const liar of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
      for (let port = 1; port <= 500; port++) {
        const [endpoint] = [`tcp://${liar}:${port}`]
        discovery.up(endpoint, [endpoint], { meta: { statistics: endpoint }, source: liar })
      }
    }
    const honest = 'tcp://192.0.2.9:7770'
    discovery.up('honest', [honest], { meta: { statistics: honest }, source: '192.0.2.9' })
    await using followed = await follow(discovery)
    const { readings, refused } = followed.sources
    const of = (host: string) => readings.filter(({ endpoint }) => endpoint.includes(`//${host}:`)).length
    expect(readings).toHaveLength(100)
    expect(of('192.0.2.9')).toBe(1)
    expect(Math.max(...['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(of))).toBeLessThanOrEqual(50)
    expect(refused).toBe(1401)
  })

  test('of one endpoint are read until the last that names it has gone', async () => {
    const discovery = new ByHand()
    const statistics = 'tcp://192.0.2.7:7770'
    for (const instance of ['a', 'liar'])
      discovery.up(instance, ['tcp://192.0.2.7:1'], { meta: { statistics }, source: '192.0.2.7' })
    await using followed = await follow(discovery)
    discovery.down('liar')
    await new Promise(setImmediate)
    expect(followed.sources.readings).toHaveLength(1)
    discovery.down('a')
    await new Promise(setImmediate)
    expect(followed.sources.readings).toHaveLength(0)
  })
})
