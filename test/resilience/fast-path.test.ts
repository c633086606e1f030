/** That the fast path is taken, shown by counting what it does: writes, promises and copies for each message. */
import { createHook } from 'node:async_hooks'
import { Socket } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Pull, Push, raw } from '../../src/index.ts'

const MESSAGES = 5000
const SIZE = 16
/** Of a frame that short. */
const HEADER = 2
/** What one write holds. */
const SLAB = 64 * 1024

async function pair(transport: 'tcp' | 'inproc') {
  const marks = { sendHighWaterMark: 2 * MESSAGES, receiveHighWaterMark: 2 * MESSAGES }
  const pull = new Pull({ codec: raw, ...marks })
  const push = new Push({ codec: raw, ...marks })
  onTestFinished(async () => {
    await Promise.all([push.close(), pull.close()])
  })
  push.connect(await pull.bind(transport === 'tcp' ? 'tcp://127.0.0.1:0' : 'inproc://fast-path'))
  await push.connected()
  return { push, pull }
}

/** Promises made while it runs. */
async function promisesOf(run: () => Promise<void>): Promise<number> {
  let count = 0
  const hook = createHook({
    init(_id, type) {
      if (type === 'PROMISE') count++
    },
  })
  hook.enable()
  await run()
  hook.disable()
  return count
}

test('messages of one turn leave in as few writes as hold them', async () => {
  const { push, pull } = await pair('tcp')
  const writes = vi.spyOn(Socket.prototype, 'write')
  onTestFinished(() => writes.mockRestore())
  for (let sent = 0; sent < MESSAGES; sent++) expect(push.trySend(Buffer.alloc(SIZE))).toBe(true)
  for (let received = 0; received < MESSAGES; received++) await pull.receive()
  expect(writes.mock.calls.length).toBeLessThanOrEqual(Math.ceil((MESSAGES * (SIZE + HEADER)) / SLAB) + 1)
})

test('a message that is sent alone leaves in one write, header and body together', async () => {
  const { push, pull } = await pair('tcp')
  const writes = vi.spyOn(Socket.prototype, 'write')
  onTestFinished(() => writes.mockRestore())
  for (let turn = 1; turn <= 10; turn++) {
    await push.send(Buffer.alloc(SIZE))
    await pull.receive()
    expect(writes.mock.calls.length).toBe(turn)
  }
})

test('a send that is taken at once makes no promise of its own', async () => {
  const { push } = await pair('tcp')
  const message = Buffer.alloc(SIZE)
  const done = Promise.resolve()
  const least = await promisesOf(async () => {
    for (let sent = 0; sent < 1000; sent++) await done
  })
  const sending = await promisesOf(async () => {
    for (let sent = 0; sent < 1000; sent++) await push.send(message)
  })
  // A few are made by the flushes between.
  expect(sending - least).toBeLessThan(50)
})

test('a message that waits to be received costs one promise', async () => {
  const { push, pull } = await pair('inproc')
  for (let sent = 0; sent < MESSAGES; sent++) push.trySend(Buffer.alloc(SIZE))
  const done = Promise.resolve()
  const least = await promisesOf(async () => {
    for (let received = 0; received < MESSAGES; received++) await done
  })
  const receiving = await promisesOf(async () => {
    let received = 0
    for await (const _ of pull) if (++received === MESSAGES) break
  })
  expect((receiving - least) / MESSAGES).toBeLessThanOrEqual(1.1)
})

test('messages that arrive together are views of what was read, not copies', async () => {
  const { push, pull } = await pair('tcp')
  for (let sent = 0; sent < MESSAGES; sent++) push.trySend(Buffer.alloc(SIZE))
  const memories = new Set<ArrayBufferLike>()
  for (let received = 0; received < MESSAGES; received++) {
    memories.add(((await pull.receive()) as Uint8Array).buffer)
  }
  // A read may be cut anywhere, and a message that lies across the cut is put together.
  expect(memories.size).toBeLessThan(MESSAGES / 50)
})

test('a large message is written from where it lies, and read into its place', async () => {
  const { push, pull } = await pair('tcp')
  const large = Buffer.alloc(1024 * 1024, 'x')
  const writes = vi.spyOn(Socket.prototype, 'write')
  onTestFinished(() => writes.mockRestore())
  await push.send(large)
  const received = (await pull.receive()) as Buffer
  expect(received.equals(large)).toBe(true)
  expect(writes.mock.calls.some(([chunk]) => chunk === (large as unknown))).toBe(true)
  expect(received.byteLength).toBe(received.buffer.byteLength)
})
