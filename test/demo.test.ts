/** The demo, on a small tree of its own: as a user starts it, and as a user stops it. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Run, run } from './support/run.ts'

const DEMO = 'examples/demo/main.ts'
/** Six processes, on a machine that may be busy. */
const PATIENCE = 120_000
const FILES = 60

let tree: string

beforeAll(async () => {
  tree = await realpath(await mkdtemp(join(tmpdir(), 'typedmq-demo-')))
  for (const folder of ['small', 'large', join('large', 'deep')]) await mkdir(join(tree, folder))
  for (let file = 0; file < FILES; file++) {
    const folder = ['small', 'large', join('large', 'deep')][file % 3]!
    await writeFile(join(tree, folder, `file-${file}`), Buffer.alloc((file % 7) * 1000, file))
  }
})

afterAll(() => rm(tree, { recursive: true, force: true }))

describe('The demo', () => {
  test('sums up every file once, per worker, and agrees with a single process', {
    timeout: PATIENCE,
  }, async () => {
    const { code, output } = await run(DEMO, tree)
    expect(output).toContain(`checksums of ${tree}, by 3 workers`)
    expect(output).toMatch(/100 %\s+60 files/)
    expect(output).toMatch(/worker +files +MB +files\/s +produce ms +queue ms +consume ms/)
    const rows = [...output.matchAll(/^ +[123] +(\d+) +[\d.]+ +\S+( +[\d.]+ \/ [\d.]+){3}$/gm)]
    expect(rows).toHaveLength(3)
    expect(rows.reduce((sum, [, files]) => sum + Number(files), 0)).toBe(FILES)
    expect(output).toMatch(/^ +all +60 /m)
    expect(output).toMatch(/both found [0-9a-f]{16}$/m)
    expect(code).toBe(0)
  })

  test('ends all its processes on Ctrl-C, with code 130', { timeout: PATIENCE }, async () => {
    // The whole machine's worth of files, so that it is at work when it is interrupted.
    await using demo = new Run(DEMO, ['node_modules'], { detached: true })
    await demo.said(/checksums of/)
    // As a terminal does it: to every process of the group.
    const group = -demo.process.pid!
    process.kill(group, 'SIGINT')
    const { code, output } = await demo.ended
    expect(code).toBe(130)
    expect(output).toContain('interrupted')
    // `ended` waits for every process that holds the output. One that has closed it may still be about to end.
    await vi.waitFor(() => expect(() => process.kill(group, 0)).toThrow('ESRCH'), { timeout: PATIENCE / 2 })
  })

  test('refuses what is no directory, and says what would be right', { timeout: PATIENCE }, async () => {
    const missing = join(tree, 'missing')
    const { code, output } = await run(DEMO, missing)
    expect(output).toContain(`not a directory: "${missing}"\nusage: npm run demo [-- [DIRECTORY]`)
    expect(code).toBe(2)
  })
})
