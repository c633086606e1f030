/** Sockets that are opened and closed at the worst moment: from signal handlers, and at every byte of a handshake. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Pull, Push, raw } from '../../src/index.ts'
import { recording } from '../hostile/recording.ts'
import { Stand } from '../hostile/stand.ts'
import { foreignOpening } from '../unit/session/sides.ts'

const PROGRAM = fileURLToPath(new URL('faults-children/signals.ts', import.meta.url))

test('signal handlers may open and close sockets, and the process ends by itself', {
  timeout: 60_000,
}, async () => {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
    const endpoint = (await lines.next()).value as string
    const half = connect(Number(endpoint.split(':').at(-1)), '127.0.0.1')
    half.on('error', () => {})
    half.write(foreignOpening('PUSH').subarray(0, 30))
    for (let count = 1; count <= 20; count++) {
      child.kill('SIGUSR2')
      expect((await lines.next()).value).toBe(`signal ${count}`)
    }
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    expect((await lines.next()).value).toBe('closed')
    expect(await exited).toEqual([0, null])
    half.destroy()
  } finally {
    child.kill('SIGKILL')
  }
})

test('a socket closes at every byte of a handshake', async () => {
  const bytes = recording('ROUTER', '3.1')
  for (let at = 0; at <= bytes.length; at += 3) {
    const stand = await Stand.open('ROUTER', 'NULL')
    const stranger = stand.network.stranger('memory://victim')
    stranger.put(bytes.subarray(0, at))
    await stand.socket.close()
    expect(stranger.open).toBe(false)
    await stand[Symbol.asyncDispose]()
  }
})

test('a peer that was disconnected from leaves no timer behind when its connection ends before linger does', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  await using pull = new Pull<any>({ codec: raw })
  await using push = new Push<any>({ codec: raw, linger: 60_000 })
  const endpoint = await pull.bind('tcp://127.0.0.1:0')
  for (let life = 0; life < 20; life++) {
    const gone = once(push.events, 'disconnect')
    push.connect(endpoint)
    await push.connected()
    push.disconnect(endpoint)
    await gone
  }
  expect(vi.getTimerCount()).toBe(0)
})

describe.each(['tcp://127.0.0.1:0', 'ipc://*'])('over %s', address => {
  test('what was sent right before a disconnect is known to have arrived', async () => {
    await using pull = new Pull<any>({ codec: raw })
    await using push = new Push<any>({ codec: raw })
    const endpoint = await pull.bind(address)
    push.connect(endpoint)
    await push.connected()
    for (let count = 0; count < 10; count++) await push.send(Buffer.from(`${count}`))
    const gone = once(push.events, 'disconnect')
    push.disconnect(endpoint)
    expect(await gone).toMatchObject([{ error: undefined, possiblyLost: 0 }])
    for (let count = 0; count < 10; count++) expect(String(await pull.receive())).toBe(`${count}`)
  })

  test('what a peer did not get that left in the same turn counts as possibly lost', async () => {
    await using pull = new Pull<any>({ codec: raw })
    await using push = new Push<any>({ codec: raw })
    const endpoint = await pull.bind(address)
    push.connect(endpoint)
    await Promise.all([push.connected(), pull.connected()])
    for (let count = 0; count < 10; count++) await push.send(Buffer.from(`${count}`))
    const gone = once(push.events, 'disconnect')
    push.disconnect(endpoint)
    await Promise.all([gone, pull.close()])
    const { traffic, dropped } = pull.stats()
    expect(traffic.received! + (dropped.unread ?? 0) + push.stats().possiblyLost!).toBeGreaterThanOrEqual(10)
  })
})
