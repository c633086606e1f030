/** The examples of observability do what they say. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

async function run(example: string): Promise<string> {
  const file = fileURLToPath(new URL(`../../../examples/${example}/main.ts`, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file], { cwd: ROOT })
  return stdout
}

test('spans of two processes join into one trace, by request and by job', async () => {
  const output = await run('10-tracing')
  const span = (name: string) => {
    const found = new RegExp(`^(\\w+) +${name}: trace (\\w+) span (\\w+) parent (\\w+)$`, 'm').exec(output)
    if (found === null) throw new Error(`no span "${name}" in: ${output}`)
    const [, process, trace, id, parent] = found
    return { process, trace, id, parent }
  }
  for (const [name, child] of [
    ['ask the price', 'look the price up'],
    ['order', 'deliver'],
  ] as const) {
    const { process, trace, id } = span(name)
    expect(process).toBe('main')
    expect(span(child)).toMatchObject({ process: 'worker', trace, parent: id })
  }
  expect(output).toContain('worker got an apple for 5')
})

test('metrics and channels tell of a job', async () => {
  const output = await run('11-metrics')
  expect(output).toContain('PUSH has a peer: PULL')
  expect(output).toContain('typedmq_messages_total{socket="work",type="PULL",direction="received"} 1')
})
