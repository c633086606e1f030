/** Every example runs, ends by itself, says what it promises, and is short. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT, Run, run } from './support/run.ts'

/** Processes of processes, on a machine that may be busy. */
const PATIENCE = 90_000

const stories = readdirSync(join(ROOT, 'examples')).filter(name => /^\d\d-/.test(name))

describe('Examples', () => {
  test.each(stories)('%s keeps its files to 40 lines', story => {
    const folder = join(ROOT, 'examples', story)
    const long = readdirSync(folder).filter(
      file => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n').length > 40,
    )
    expect(long).toEqual([])
  })

  test('01: the first message arrives, and both processes end', { timeout: PATIENCE }, async () => {
    await using receiver = new Run('examples/01-first-message/receiver.ts', ['tcp://127.0.0.1:0'])
    const [, endpoint] = await receiver.said(/waiting at (tcp:\S+)/)
    expect(await run('examples/01-first-message/sender.ts', endpoint!)).toEqual({ code: 0, output: 'sent\n' })
    const { code, output } = await receiver.ended
    expect(output).toMatch(/^waiting at .*\nprocess \d+ says: Hello, World!\n$/)
    expect(code).toBe(0)
  })

  test('02: workers share the jobs and every prime is counted once', { timeout: PATIENCE }, async () => {
    const { code, output } = await run('examples/02-work-queue/main.ts')
    const lines = output.trim().split('\n')
    expect(lines.at(-1)).toBe('78498 primes below 1000000')
    expect(lines.slice(0, -1).every(line => /^worker [012]: \d+ primes from \d+ to \d+$/.test(line))).toBe(
      true,
    )
    expect(lines).toHaveLength(21)
    expect(code).toBe(0)
  })

  test('03: each screen shows what it subscribed to, from the first message', {
    timeout: PATIENCE,
  }, async () => {
    const { code, output } = await run('examples/03-live-prices/exchange.ts')
    const linesOf = (currency: string) =>
      output.split('\n').filter(line => line.startsWith(`${currency} screen: `))
    expect(linesOf('EUR')).toEqual([
      'EUR screen: the market is open',
      'EUR screen: price.EUR 1.0800 / 1.0900',
      'EUR screen: price.EUR 1.0900 / 1.1000',
      'EUR screen: price.EUR 1.1000 / 1.1100',
      'EUR screen: the market is closed',
    ])
    expect(linesOf('JPY')).toHaveLength(5)
    expect(output).not.toContain('GBP')
    expect(output).toContain(', 0 were dropped')
    expect(code).toBe(0)
  })

  test('04: a request meets an answer, an error, a retry, a time-out and a lost peer', {
    timeout: PATIENCE,
  }, async () => {
    const { code, output } = await run('examples/04-request-reply/client.ts')
    expect(
      output
        .replace(/asked \d+ times/, 'asked N times')
        .trim()
        .split('\n'),
    ).toEqual([
      'halves: [ 1, 2, 3 ]',
      'remote error: RangeError DIVISION_BY_ZERO: cannot divide by zero',
      'retries: I was asked N times',
      'time-out: no answer within 100 ms',
      'peer lost: the peer that was asked has gone before it answered',
    ])
    expect(code).toBe(0)
  })

  test('05: the jobs go to whoever is ready, each once', { timeout: PATIENCE }, async () => {
    const { code, output } = await run('examples/05-dealer-router-workers/dispatcher.ts')
    const jobs = [...output.matchAll(/^(?:ann|bob|cid) did \d+ jobs: (.*)$/gm)].flatMap(([, sizes]) =>
      sizes!.split(', ').filter(Boolean).map(Number),
    )
    expect(jobs.sort((a, b) => a - b)).toEqual([20, 20, 20, 20, 20, 20, 20, 20, 400])
    expect(code).toBe(0)
  })

  test('06: every request passes the broker, to both services, and so does its answer', {
    timeout: PATIENCE,
  }, async () => {
    const { code, output } = await run('examples/06-proxy/broker.ts')
    for (const question of ['one', 'two', 'three', 'four'])
      expect(output).toMatch(
        new RegExp(`client: ${question} -> ${question.toUpperCase()} \\(says (north|south)\\)`),
      )
    expect(output.match(/says north/g)).toHaveLength(2)
    expect(output).toContain('broker: 8 messages have passed')
    expect(code).toBe(0)
  })

  test('07: the contract refuses at the sender, skips at the receiver, and transforms', {
    timeout: PATIENCE,
  }, async () => {
    const { code, output } = await run('examples/07-contracts/main.ts')
    expect(output.match(/^shop may not send: (id|item|due): /gm)).toHaveLength(3)
    expect(output.match(/^desk skips: /gm)).toHaveLength(1)
    expect(output).toContain('desk: order 1, bread, due on a Tuesday')
    expect(output).toContain('desk: order 4, milk, due on a Friday')
    expect(output).toContain('desk: 1 message was invalid')
    expect(code).toBe(0)
  })

  test('08: workers are found by name, and share the jobs', { timeout: PATIENCE }, async () => {
    // Of its own: others on the network may run the same.
    const { code, output } = await run('examples/08-lan-pipeline/main.ts', crypto.randomUUID())
    expect(output.match(/^a worker is there: tcp:/gm)).toHaveLength(2)
    expect(output.match(/^\d+ squared is \d+$/gm)).toHaveLength(12)
    expect(output).toContain('12 results from 2 workers')
    expect(code).toBe(0)
  })

  test('09: both engines serve each other', { timeout: PATIENCE }, async () => {
    const { code, output } = await run('examples/09-second-engine/main.ts')
    expect(output.match(/^service on (zmtp|libzmq), client on (zmtp|libzmq): 1023$/gm)).toHaveLength(4)
    expect(code).toBe(0)
  })
})
