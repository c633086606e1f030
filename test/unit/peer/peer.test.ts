/** The life of a peer, without a network: every arrow of the drawing above its class, and none besides. */
import { describe, expect, test } from 'vitest'
import { Peer, type PeerOwner, type PeerPhase, type PeerSession } from '../../../src/peer/peer.ts'
import { Queue } from '../../../src/queue/queue.ts'
import { Stamps } from '../../../src/queue/stamps.ts'
import { identityOf, ORIGIN } from '../routing/stand.ts'

const MARKS = { messages: 2, bytes: Infinity }
const SESSION = {} as PeerSession
const PARTNER = { left: () => true }

class Owner implements PeerOwner {
  readonly log: string[] = []
  readable(): void {
    this.log.push('readable')
  }
  writable(): void {
    this.log.push('writable')
  }
  drained(): void {
    this.log.push('drained')
  }
  left(): void {
    this.log.push('left')
  }
}

function peerOf(stamped = false) {
  const owner = new Owner()
  const queue = () => new Queue(MARKS, stamped ? new Stamps() : undefined)
  const queues = { outgoing: queue(), incoming: queue() }
  return { owner, peer: new Peer(1, 'tcp://10.0.0.1:5555', ORIGIN, owner, queues) }
}

/** Each way of moving, by what it is called. */
const MOVES: Readonly<Record<string, (peer: Peer) => void>> = {
  shake: peer => peer.shake(SESSION),
  retry: peer => peer.retry(),
  'introduce over a wire': peer => peer.introduce(identityOf('PULL')),
  'introduce within the process': peer => peer.introduce(identityOf('PULL'), PARTNER),
  release: peer => peer.release(),
  end: peer => peer.end(),
}

/** How each phase is reached. */
const WAYS: Readonly<Record<PeerPhase, readonly string[]>> = {
  connecting: [],
  handshaking: ['shake'],
  ready: ['shake', 'introduce over a wire'],
  draining: ['shake', 'introduce over a wire', 'release'],
  ended: ['end'],
}

const ARROWS: readonly (readonly [from: PeerPhase, move: string, to: PeerPhase])[] = [
  ['connecting', 'shake', 'handshaking'],
  ['connecting', 'introduce within the process', 'ready'],
  ['connecting', 'release', 'ended'],
  ['connecting', 'end', 'ended'],
  ['handshaking', 'retry', 'connecting'],
  ['handshaking', 'introduce over a wire', 'ready'],
  ['handshaking', 'release', 'ended'],
  ['handshaking', 'end', 'ended'],
  ['ready', 'release', 'draining'],
  ['ready', 'end', 'ended'],
  ['draining', 'release', 'ended'],
  ['draining', 'end', 'ended'],
]

function inPhase(phase: PeerPhase): Peer {
  const { peer } = peerOf()
  for (const way of WAYS[phase]) MOVES[way]!(peer)
  expect(peer.phase).toBe(phase)
  return peer
}

describe('A peer', () => {
  test.each(ARROWS)('that is %s goes by %s to %s', (from, move, to) => {
    const peer = inPhase(from)
    MOVES[move]!(peer)
    expect(peer.phase).toBe(to)
  })

  const ended = Object.keys(MOVES).map(move => ['ended', move] as const)
  const others = [
    ['connecting', 'retry'],
    ['handshaking', 'shake'],
    ['ready', 'shake'],
    ['ready', 'retry'],
    ['ready', 'introduce over a wire'],
    ['draining', 'shake'],
    ['draining', 'retry'],
    ['draining', 'introduce over a wire'],
  ] as const
  test.each([...others, ...ended])('that is %s does not %s', (from, move) => {
    const peer = inPhase(from)
    expect(() => MOVES[move]!(peer)).toThrow(`a peer moves from ${from}`)
    expect(peer.phase).toBe(from)
  })

  test('within the process ends at once when it is released: there is no write to wait for', () => {
    const { peer } = peerOf()
    peer.introduce(identityOf('PULL'), PARTNER)
    peer.release()
    expect(peer.phase).toBe('ended')
  })

  test('has its session from the connection to the end, and none between two attempts', () => {
    const { peer } = peerOf()
    expect(peer.session).toBeUndefined()
    peer.shake(SESSION)
    expect(peer.session).toBe(SESSION)
    peer.retry()
    expect(peer.session).toBeUndefined()
    peer.shake(SESSION)
    peer.introduce(identityOf('PULL'))
    peer.release()
    expect(peer.session).toBe(SESSION)
    peer.end()
    expect(peer.session).toBeUndefined()
  })

  test('is not read before it is known who it is', () => {
    const { peer, owner } = peerOf()
    peer.incoming.push(Buffer.from('early'))
    expect(owner.log).toEqual([])
    peer.introduce(identityOf('PULL'))
    peer.incoming.take()
    peer.incoming.push(Buffer.from('now'))
    expect(owner.log).toEqual(['readable'])
  })

  test('tells its socket of room, of its last message, and of a partner that has let go', () => {
    const { peer, owner } = peerOf()
    for (const word of ['1', '2', '3']) peer.outgoing.offer(Buffer.from(word))
    peer.outgoing.take()
    peer.outgoing.finish()
    peer.outgoing.take()
    peer.left()
    expect(owner.log).toEqual(['writable', 'drained', 'left'])
  })

  test('that has ended takes nothing more; what it sent can be read, and what it was sent comes back', () => {
    const { peer } = peerOf()
    peer.outgoing.offer(Buffer.from('out'))
    peer.incoming.push(Buffer.from('in'))
    peer.end()
    expect(peer.outgoing.offer(Buffer.from('late'))).toBe(false)
    expect(String(peer.incoming.take())).toBe('in')
    expect(peer.outgoing.reclaim().map(({ message }) => String(message))).toEqual(['out'])
  })

  test('that has ended keeps its name and not its metadata', () => {
    const { peer } = peerOf()
    peer.introduce({ ...identityOf('PULL', 'me'), metadata: new Map([['x', Buffer.alloc(1000)]]) })
    peer.end()
    expect([String(peer.identity!.routingId), peer.identity!.metadata.size]).toEqual(['me', 0])
  })

  test('counts what is queued for it with a stamp, and has no times without', () => {
    const { peer } = peerOf(true)
    peer.outgoing.offer(Buffer.from('a'), { source: 1, count: 1, produced: 1, queued: 3 })
    expect(peer.times!.sentProduce.samples).toEqual([2])
    expect(peerOf().peer.times).toBeUndefined()
  })
})
