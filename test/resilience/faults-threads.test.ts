/** Worker threads full of sockets, terminated wherever they are. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { Pull, raw } from '../../src/index.ts'
import { Dice } from '../chaos/dice.ts'
import { collectedBytes } from '../hostile/memory.ts'

const THREADS = 3
const ROUNDS = 2
const SEED = 7
const PROGRAM = new URL('faults-children/thread.ts', import.meta.url)
/** Node 20 gives its threads no loader for TypeScript. */
const START = `import('tsx/esm/api').then(({ register }) => { register(); return import('${PROGRAM}') })`

test('threads that are terminated in the middle of things leave no connection and no memory behind', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'threads-'))
  const dice = new Dice(SEED)
  const threads = new Set<Worker>()
  const pull = new Pull<any>({ codec: raw })
  try {
    const tcp = await pull.bind('tcp://127.0.0.1:0')
    const ipc = await pull.bind(`ipc://${folder}/pull`)
    let received = 0
    const waiting = new Map<() => void, number>()
    const until = (count: number) => new Promise<void>(resolve => waiting.set(resolve, count))
    const reading = (async () => {
      for await (const _ of pull) {
        received++
        for (const [resolve, count] of waiting) if (received >= count) resolve()
      }
    })()
    const sizes: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(
        Array.from({ length: THREADS }, async () => {
          const thread = new Worker(START, { eval: true, workerData: { tcp, ipc } })
          threads.add(thread)
          const [first] = await once(thread, 'message')
          expect(first).toBe('running')
          await until(received + dice.between(1, 100))
          await thread.terminate()
          threads.delete(thread)
        }),
      )
      while (pull.peers.length > 0) await new Promise(resolve => setImmediate(resolve))
      sizes.push(collectedBytes())
    }
    expect(sizes.at(-1)! - sizes[0]!).toBeLessThan(4 * 1024 * 1024)
    await pull.close()
    await reading
  } finally {
    for (const thread of threads) await thread.terminate()
    await pull.close()
    rmSync(folder, { recursive: true })
  }
})
