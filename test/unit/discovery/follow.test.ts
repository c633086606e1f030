/** What a follower dials, whatever is announced. The socket only counts. */
import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import type { DiscoverableSocket } from '../../../src/discovery/discoverable.ts'
import { type FollowOptions, follow } from '../../../src/discovery/follow.ts'
import { ByHand } from '../../discovery/support/by-hand.ts'

/** Notes what it is told to connect to, and answers nothing. */
function counting() {
  const dialled = new Set<string>()
  const ever = new Set<string>()
  const events = new EventEmitter()
  const socket = {
    description: { type: 'PUSH', endpoints: [], codec: 'msgpack', mechanism: 'NULL', publicKey: undefined },
    events,
    connect: (endpoint: string) => void (dialled.add(endpoint) && ever.add(endpoint)),
    disconnect: (endpoint: string) => void dialled.delete(endpoint),
  } as unknown as DiscoverableSocket
  /** As after an attempt of each that is dialled now. */
  const fail = async () => {
    for (const endpoint of dialled) events.emit('connect:retry', { endpoint, attempt: 1 })
    await settled()
  }
  return { socket, dialled, ever, fail }
}

/** Everything is heard, and what follows from it is done. */
const settled = async () => {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
}

function flood(discovery: ByHand, source: string | undefined, count: number): void {
  for (let n = 0; n < count; n++) {
    const at = source ?? '10.0.0.1'
    discovery.up(`${source} ${n}`, [`tcp://${at}:${n + 1}`], { source })
  }
}

async function following(discovery: ByHand, options: Partial<FollowOptions> = {}) {
  const socket = counting()
  const handle = follow(socket.socket, 'jobs', { discovery, ...options })
  const errors: string[] = []
  handle.on('error', error => errors.push(`${error.reason}: ${error.message}`))
  await settled()
  return { ...socket, errors, handle, [Symbol.asyncDispose]: () => handle[Symbol.asyncDispose]() }
}

it('dials 100 peers of one that announces 1,848, also when they fail, and each of an honest one', async () => {
  const discovery = new ByHand()
  flood(discovery, '10.0.0.66', 1848)
  flood(discovery, '10.0.0.7', 3)
  await using follower = await following(discovery)
  const of = (host: string, endpoints: Iterable<string>) =>
    [...endpoints].filter(endpoint => endpoint.startsWith(`tcp://${host}:`)).length
  expect([of('10.0.0.66', follower.dialled), of('10.0.0.7', follower.dialled)]).toEqual([100, 3])
  for (let round = 0; round < 20; round++) await follower.fail()
  expect(of('10.0.0.66', follower.ever)).toBe(100)
  expect(follower.errors).toEqual([
    'bad-answer: 10.0.0.66 announces 1848 peers named "jobs"; 100 are used (option maxPeersPerSource)',
  ])
})

it('dials 1,000 in all, one of each source before two of any', async () => {
  const discovery = new ByHand()
  for (let liar = 0; liar < 30; liar++) flood(discovery, `10.0.1.${liar}`, 60)
  flood(discovery, '10.0.0.7', 1)
  await using follower = await following(discovery)
  expect(follower.dialled.size).toBe(1000)
  expect(follower.dialled).toContain('tcp://10.0.0.7:1')
  expect(follower.errors).toEqual([
    'bad-answer: 1801 peers are named "jobs"; 1000 are used (option maxPeers)',
  ])
})

it('lets another of the source take a place that becomes free', async () => {
  const discovery = new ByHand()
  flood(discovery, '10.0.0.7', 3)
  await using follower = await following(discovery, { maxPeersPerSource: 2 })
  const [first] = [...follower.dialled]
  discovery.down(`10.0.0.7 ${Number(first!.split(':').at(-1)) - 1}`)
  await settled()
  expect(follower.dialled.size).toBe(2)
  expect(follower.dialled).not.toContain(first)
})

it('has no bound for each source where the provider names none, as the DNS', async () => {
  const discovery = new ByHand()
  flood(discovery, undefined, 400)
  await using follower = await following(discovery)
  expect(follower.dialled.size).toBe(400)
})
