/** The table of top, from snapshots. */
import { expect, test } from 'vitest'
import { table } from '../../../src/cli/screen.ts'
import { rowsOf } from '../../../src/cli/top/rows.ts'
import type { Reading } from '../../../src/cli/top/sources.ts'
import type { Snapshot, SocketSnapshot } from '../../../src/observability/index.ts'
import { readSnapshot } from '../../../src/observability/snapshot-shape.ts'
import { fc } from '../../support/property.ts'

const NOTHING = {
  queued: 0,
  queuedBytes: 0,
  waiting: 0,
  sent: 0,
  sentBytes: 0,
  received: 0,
  receivedBytes: 0,
  dropped: 0,
}

function socket(sent: number, queued: number): SocketSnapshot {
  const traffic = { ...NOTHING, sent, queued }
  const marks = { send: { messages: 10, bytes: 100 }, receive: { messages: 5, bytes: 100 } }
  const peer = {
    id: 1,
    address: 'tcp://10.0.0.7:1',
    socketType: 'PULL',
    routingId: '',
    endpoint: 'tcp://*:1',
    state: 'full',
    marks,
  }
  const peers = [{ ...peer, traffic, roundTrip: 0.25, sendDelay: undefined, receiveDelay: undefined }]
  return {
    type: 'PUSH',
    endpoints: ['tcp://*:1'],
    traffic,
    peers,
    dropped: {},
    invalid: 0,
  } as unknown as SocketSnapshot
}

function reading(name: string, [before, after]: [number, number], queued = 0): Reading {
  const snapshot = (uptime: number, sent: number): Snapshot => ({
    ...{ version: 1, host: 'h', pid: 1, name, uptime },
    sockets: [socket(sent, queued)],
  })
  return {
    endpoint: 'tcp://x',
    snapshot: snapshot(12, after),
    previous: snapshot(10, before),
    error: undefined,
  }
}

test('rates are the difference of two readings by the time between them', () => {
  const [own, peer] = rowsOf([reading('jobs', [100, 300], 4)], 'name').rows
  expect(own!.cells).toEqual(['jobs', 'PUSH', 'tcp://*:1', '1 peer', '100', '0', '4', '0', '0', '-', ''])
  expect(peer!.cells.slice(1)).toEqual([
    'PULL',
    'tcp://10.0.0.7:1',
    'full',
    '100',
    '0',
    '4/10',
    '0/5',
    '0',
    '-',
    '0.25 ms',
  ])
  expect(peer!.alarming).toBe(true)
})

test('there are no rates before the second reading', () => {
  const once = { ...reading('jobs', [0, 300]), previous: undefined }
  expect(rowsOf([once], 'name').rows[0]!.cells.slice(4, 6)).toEqual(['-', '-'])
})

test('sorts by name, rate or queue, peers behind their socket', () => {
  const readings = [reading('b', [0, 10], 5), reading('a', [0, 20], 1), reading('c', [0, 30], 9)]
  const names = (sort: 'name' | 'rate' | 'queue') =>
    rowsOf(readings, sort)
      .rows.filter(({ kind }) => kind === 'socket')
      .map(({ cells }) => cells[0])
  expect([names('name'), names('rate'), names('queue')]).toEqual([
    ['a', 'b', 'c'],
    ['c', 'a', 'b'],
    ['c', 'b', 'a'],
  ])
})

test('a source that never answered is shown with its error, in one line', () => {
  const silent = { endpoint: 'tcp://x', snapshot: undefined, previous: undefined, error: 'no answer' }
  expect(rowsOf([silent], 'name').rows).toMatchObject([
    { kind: 'error', cells: ['tcp://x', '-', 'no answer', '-'] },
  ])
})

test('one source shows 300 rows at most, and a table as many as it has room for', () => {
  const crowd = reading('jobs', [0, 1])
  const [only] = crowd.snapshot!.sockets
  const peers = Array.from({ length: 1000 }, (_, id) => ({ ...only!.peers[0]!, id }))
  const sockets = [{ ...only!, peers, unlisted: 9000 }]
  const source = { ...crowd, snapshot: { ...crowd.snapshot!, sockets } }
  const { rows, total } = rowsOf([source, source], 'name')
  expect([rows.length, total]).toEqual([600, 2002])
  expect(rows[0]!.cells[3]).toBe('10000 peers')
  expect(rowsOf([source, source], 'queue', 7).rows).toHaveLength(7)
})

test('whatever passes as a snapshot can be shown', () => {
  const value = fc.oneof(fc.constantFrom(1, 'x', null, [], {}, 1e308, -1), fc.jsonValue())
  const names = [
    'id',
    'type',
    'endpoint',
    'endpoints',
    'traffic',
    'sent',
    'queued',
    'peers',
    'marks',
    'send',
    'messages',
  ]
  const part = fc.dictionary(
    fc.constantFrom(...names, 'receive', 'state', 'sendDelay', 'p99', 'roundTrip'),
    value,
  )
  const peer = fc.tuple(part, part).map(([rest, traffic]) => ({ id: 1, endpoint: 'x', traffic, ...rest }))
  const one = fc.tuple(part, fc.array(peer)).map(([rest, peers]) => ({
    ...{ type: 'PULL', endpoints: [], traffic: rest, peers },
    ...rest,
  }))
  let shown = 0
  fc.assert(
    fc.property(fc.array(one), fc.array(one), (sockets, before) => {
      const about = { version: 1, host: 'h', pid: 1 }
      let snapshot: Snapshot
      let previous: Snapshot
      try {
        previous = readSnapshot(
          JSON.parse(JSON.stringify({ ...about, uptime: 1, sockets: before })),
        ) as Snapshot
        snapshot = readSnapshot(JSON.parse(JSON.stringify({ ...about, uptime: 2, sockets }))) as Snapshot
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError)
        expect((error as Error).message).toMatch(/^the answer is no snapshot/)
        return
      }
      shown++
      table(
        rowsOf([{ endpoint: 'x', snapshot, previous, error: undefined }], 'rate').rows.map(
          ({ cells }) => cells,
        ),
      )
    }),
  )
  expect(shown).toBeGreaterThan(0)
})
