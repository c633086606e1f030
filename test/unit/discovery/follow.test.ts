/** What a follower dials, whatever is announced. The socket only counts. */
import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { DIAL, type Dialling, type DiallingOwner } from '../../../src/dialling.ts'
import type { DiscoverableSocket } from '../../../src/discovery/discoverable.ts'
import { type FollowOptions, follow } from '../../../src/discovery/follow.ts'
import { ByHand } from '../../discovery/support/by-hand.ts'

/** A peer as the socket dials it; the test says what comes of that. */
class Dialled implements Dialling {
  live = false
  failing = false
  endpoint: string
  addresses: readonly string[]
  readonly #all: Set<Dialled>
  readonly #owner: DiallingOwner

  constructor(all: Set<Dialled>, addresses: readonly string[], owner: DiallingOwner) {
    this.endpoint = addresses[0]!
    this.addresses = addresses
    this.#all = all
    this.#owner = owner
    all.add(this)
  }

  update(addresses: readonly string[]): void {
    this.addresses = addresses
  }
  disconnect(): void {
    this.#all.delete(this)
  }
  fail(next = this.endpoint): void {
    Object.assign(this, { failing: true, live: false, endpoint: next })
    this.#owner.changed()
  }
  stand(): void {
    Object.assign(this, { failing: false, live: true })
    this.#owner.changed()
  }
}

/** Notes what it is told to dial. */
function counting() {
  const peers = new Set<Dialled>()
  const ever = new Set<string>()
  const socket = {
    description: { type: 'PUSH', endpoints: [], codec: 'msgpack', mechanism: 'NULL', publicKey: undefined },
    events: new EventEmitter(),
    [DIAL]: (addresses: readonly string[], owner: DiallingOwner) => {
      for (const address of addresses) ever.add(address)
      return new Dialled(peers, addresses, owner)
    },
  } as unknown as DiscoverableSocket
  /** As after an attempt of each that is dialled now. */
  const fail = async () => {
    for (const peer of peers) peer.fail()
    await settled()
  }
  return {
    socket,
    peers,
    ever,
    fail,
    get dialled() {
      return new Set([...peers].map(({ endpoint }) => endpoint))
    },
  }
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
  return Object.assign(socket, { errors, handle, [Symbol.asyncDispose]: () => handle[Symbol.asyncDispose]() })
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

it('hands all addresses of a peer over at once, and those it has later', async () => {
  const discovery = new ByHand()
  discovery.up('worker', ['tcp://a:1', 'tcp://b:1'])
  await using follower = await following(discovery)
  discovery.up('worker', ['tcp://b:1', 'tcp://c:1'])
  await settled()
  expect([...follower.peers].map(({ addresses }) => addresses)).toEqual([['tcp://b:1', 'tcp://c:1']])
})

describe('two services at one address', () => {
  /** A ghost at a and b, and a process that came back at a and c. */
  async function haunted(options: Partial<FollowOptions> = {}) {
    const discovery = new ByHand()
    discovery.up('ghost', ['tcp://a:1', 'tcp://b:1'])
    discovery.up('back', ['tcp://a:1', 'tcp://c:1'])
    const follower = await following(discovery, options)
    const [shared] = follower.peers
    return Object.assign(follower, { discovery, shared: shared! })
  }

  it('share one peer, which is tried at the addresses of both', async () => {
    await using follower = await haunted()
    expect(follower.peers.size).toBe(1)
    expect(follower.shared.addresses.toSorted()).toEqual(['tcp://a:1', 'tcp://b:1', 'tcp://c:1'])
  })

  it('keep it when one of them is gone, or is not chosen', async () => {
    for (const options of [{}, { limit: 1 }]) {
      await using follower = await haunted(options)
      follower.shared.stand()
      await settled()
      follower.discovery.down('ghost')
      await settled()
      expect([...follower.peers]).toEqual([follower.shared])
      follower.shared.fail()
      await settled()
      expect(follower.handle.services.map(({ instance }) => instance)).toEqual(['back'])
      expect([...follower.peers].map(({ addresses }) => addresses)).toEqual([['tcp://a:1', 'tcp://c:1']])
    }
  })

  it('part when it moves on to an address of one only', async () => {
    await using follower = await haunted()
    follower.shared.fail('tcp://b:1')
    await settled()
    expect([...follower.peers].map(({ endpoint, addresses }) => [endpoint, ...addresses])).toEqual([
      ['tcp://b:1', 'tcp://a:1', 'tcp://b:1'],
      ['tcp://c:1', 'tcp://a:1', 'tcp://c:1'],
    ])
  })
})

it('dials a peer at the address that another has left in the same turn', async () => {
  const discovery = new ByHand()
  discovery.up('a', ['tcp://x:1'])
  await using follower = await following(discovery)
  discovery.up('a', ['tcp://y:1'])
  discovery.up('b', ['tcp://x:1'])
  await settled()
  expect([...follower.dialled].toSorted()).toEqual(['tcp://x:1', 'tcp://y:1'])
})
