/** What a snapshot lists, and what an answer must be to count as one. */
import { json, Push, type Socket } from 'typedmq'
import { describe, expect, test } from 'vitest'
import { snapshotsOf } from '../../../src/observability/snapshot.ts'
import { readSnapshot } from '../../../src/observability/snapshot-shape.ts'

/** As a socket whose `stats()` lists so many peers. */
function crowded(peers: number): Socket {
  return {
    description: { type: 'PULL', endpoints: ['tcp://*:1'] },
    stats: () => ({
      traffic: { sent: 1 },
      dropped: { unread: 2 },
      peers: Array.from({ length: peers }, (_, id) => ({ id, endpoint: 'tcp://*:1', traffic: { sent: 1 } })),
    }),
  } as unknown as Socket
}

const about = { version: 1, host: 'h', pid: 1, uptime: 1 }
const read = (sockets: unknown, rest: object = {}) => readSnapshot({ ...about, sockets, ...rest })

describe('A snapshot', () => {
  test('lists 1,000 peers in all, those of small sockets first, and counts the others', () => {
    const sockets = snapshotsOf([crowded(5000), crowded(3), crowded(5000)])
    expect(sockets.map(({ peers, unlisted }) => [peers.length, unlisted])).toEqual([
      [498, 4502],
      [3, undefined],
      [499, 4501],
    ])
    expect(snapshotsOf(Array.from({ length: 3000 }, () => crowded(1)))).toHaveLength(1000)
  })

  test('comes out of its check as it went in, whatever sockets have to say', async () => {
    await using push = new Push({ trace: true, linger: 0, sendHighWaterMark: Infinity })
    push.connect('ipc:///nowhere/at/all')
    push.trySend(1)
    const sockets: any = json.decode(json.encode(snapshotsOf([push, crowded(2)])))
    expect(read(sockets, { name: 'x' })).toEqual({ ...about, name: 'x', sockets })
    await push.close({ linger: 0 })
  })
})

describe('What is no snapshot is refused, and not quoted', () => {
  const socket = { type: 'PULL', endpoints: [], traffic: {}, peers: [] }
  const peer = { id: 1, endpoint: 'x', traffic: {} }
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'snapshot must be an object'],
    ['another version', { ...about, version: 2, sockets: [] }, 'snapshot.version must be 1'],
    ['sockets that are none', { ...about, sockets: [null] }, 'snapshot.sockets[0] must be'],
    ['a socket without peers', { ...about, sockets: [{ ...socket, peers: undefined }] }, '.peers must be'],
    ['a type of an object', { ...about, sockets: [{ ...socket, type: {} }] }, '.type must be'],
    ['endpoints of numbers', { ...about, sockets: [{ ...socket, endpoints: [1] }] }, '.endpoints[0]'],
    ['counters of texts', { ...about, sockets: [{ ...socket, traffic: { sent: 'secret' } }] }, '.traffic'],
    ['null counters', { ...about, sockets: [{ ...socket, traffic: { queued: null } }] }, '.traffic'],
    ['null peers', { ...about, sockets: [{ ...socket, peers: [null] }] }, '.peers[0]'],
    ['null traffic', { ...about, sockets: [{ ...socket, peers: [{ ...peer, traffic: null }] }] }, '.traffic'],
    ['a delay of texts', { ...about, sockets: [{ ...socket, sendDelay: { p99: 'secret' } }] }, '.p99'],
    [
      'marks without a side',
      { ...about, sockets: [{ ...socket, peers: [{ ...peer, marks: {} }] }] },
      '.send',
    ],
    ['a name of 1 MB', { ...about, name: 'x'.repeat(2 ** 20), sockets: [] }, 'snapshot.name must be at most'],
    ['2,000 sockets', { ...about, sockets: Array(2000).fill(socket) }, 'a list of at most'],
    [
      '2,000 peers',
      { ...about, sockets: [{ ...socket, peers: Array(2000).fill(peer) }] },
      'a list of at most',
    ],
  ])('%s', (_, value, message) => {
    const check = () => readSnapshot(value)
    expect(check).toThrow(message)
    expect(check).not.toThrow('secret')
  })

  test('and what is not known of one is not kept', () => {
    const kept: any = read([{ ...socket, extra: [{}, {}], peers: [{ ...peer, extra: 'x' }] }], { extra: 1 })
    expect(JSON.stringify(kept)).not.toContain('extra')
  })
})
