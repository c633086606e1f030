/** The README tells the truth: its programs run and print what they say, its tables agree with the source, its links lead somewhere. */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { json } from '../src/codec/json.ts'
import * as errors from '../src/errors.ts'
import { completeOptions } from '../src/options.ts'
import { Push } from '../src/sockets/push-pull.ts'
import { ROOT, run } from './support/run.ts'

/** Processes, on a machine that may be busy. */
const PATIENCE = 60_000
const LONGEST = 15
const PYTHON = '/usr/bin/python3'
const pythonKnowsZeromq = spawnSync(PYTHON, ['-c', 'import zmq']).status === 0

const text = readFileSync(join(ROOT, 'README.md'), 'utf8')
const source = (path: string) => readFileSync(join(ROOT, 'src', path), 'utf8')

interface Snippet {
  readonly title: string
  readonly code: string
  readonly file: string
}

/** Imports resolve from a directory of its own as they do in a user's project. */
const scratch = mkdtempSync(join(tmpdir(), 'typedmq-readme-'))

const snippets: Snippet[] = [...text.matchAll(/```ts\n(.*?)```/gs)].map(({ 1: code, index }) => {
  const title = text
    .slice(0, index)
    .match(/^#{2,3} .*$/gm)!
    .at(-1)!
    .replace(/^#+ /, '')
  return { title, code: code!, file: join(scratch, `${title.toLowerCase().replace(/\W+/g, '-')}.ts`) }
})

beforeAll(() => {
  mkdirSync(scratch, { recursive: true })
  writeFileSync(join(scratch, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(ROOT, 'node_modules'), join(scratch, 'node_modules'))
  for (const { code, file } of snippets) writeFileSync(file, code)
})

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('The README', () => {
  test('has a snippet for each pattern, each under a title of its own', () => {
    expect(snippets.length).toBeGreaterThanOrEqual(7)
    expect(new Set(snippets.map(({ file }) => file)).size).toBe(snippets.length)
  })

  test.each(snippets)('$title: at most 15 lines', ({ code }) => {
    expect(
      code
        .trim()
        .split('\n')
        .filter(line => line !== '').length,
    ).toBeLessThanOrEqual(LONGEST)
  })

  test.concurrent.each(snippets)(
    '$title: runs, prints what it says, and ends',
    async ({ code, file }) => {
      // `// -> a` says what the line prints; where it prints more than once, separated by commas.
      const promised = [...code.matchAll(/\/\/ -> (.*)$/gm)].flatMap(([, said]) =>
        /^[[{]/.test(said!) ? [said!] : said!.split(', '),
      )
      const { code: status, output } = await run(file)
      expect(output.trim().split('\n')).toEqual(promised)
      expect(status).toBe(0)
    },
    PATIENCE,
  )

  test.skipIf(!pythonKnowsZeromq)(
    'has a Python worker that takes our jobs',
    { timeout: PATIENCE },
    async () => {
      await using push = new Push({ codec: json })
      const endpoint = await push.bind('tcp://127.0.0.1:0')
      const code = /```python\n(.*?)```/s.exec(text)![1]!
      expect(code).toContain('tcp://localhost:5555')
      const worker = promisify(execFile)(PYTHON, [
        '-c',
        code.replace('tcp://localhost:5555', endpoint).concat('pull.context.destroy(linger=0)'),
      ])
      await push.send({ id: 1 })
      expect((await worker).stdout).toBe("{'id': 1}\n")
    },
  )

  test('has snippets that compile as strictly as the source', { timeout: PATIENCE }, () => {
    const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), path => readFileSync(path, 'utf8'))
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT)
    const program = ts.createProgram(
      snippets.map(({ file }) => file),
      { ...options, typeRoots: [join(ROOT, 'node_modules', '@types')] },
    )
    const problems = snippets.flatMap(({ file }) =>
      ts.getPreEmitDiagnostics(program, program.getSourceFile(file)),
    )
    expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([])
  })

  test('lists every option with its name in libzmq and its default', () => {
    const complete = Object.entries(completeOptions({}))
    const documented = source('options.ts')
    const listed = rows('Options').map(([name, libzmq, standard]) => [name, libzmq!.split(',')[0], standard])
    const expected = complete.map(([name, value]) => {
      const comment = new RegExp(`/\\*\\* (?:(ZMQ_\\w+)\\.)?[^/]*\\*/\\s+readonly ${name}:`).exec(documented)!
      return [name, comment[1] ?? libzmqOf(name), shownDefault(name, value)]
    })
    expect(listed.sort()).toEqual(expected.sort())
  })

  test('lists every error code, its class and its meaning', () => {
    const classes = Object.entries(errors)
      .filter(([, it]) => typeof it === 'function')
      .map(([name]) => name)
    const listed = rows('Errors')
    expect(listed.map(([code, , meaning]) => [code, meaning]).sort()).toEqual(
      Object.entries(errors.ERROR_CODES).sort(),
    )
    expect([...new Set(listed.map(([, name]) => name)), 'TypedMqError'].sort()).toEqual(classes.sort())
  })

  test('lists every event and its fields', () => {
    const map = /interface SocketEventMap \{(.*?)\n\}/s.exec(source('engine/events.ts'))![1]!
    const expected = [...map.matchAll(/^ {2}'?([\w:]+)'?: \[\s*\{ (.*?) \}/gm)].map(([, name, fields]) => [
      name,
      fields!
        .split('; ')
        .map(field => field.split(':')[0])
        .join(', '),
    ])
    expect(rows('Events').map(([name, fields]) => [name, fields])).toEqual(expected)
  })

  test('lists every cause of a dropped message', () => {
    const union = /type DropCause =(.*?)\n\n/s.exec(source('routing/routing-strategy.ts'))![1]!
    const causes = [...union.matchAll(/\| '(.*?)'/g)].map(([, cause]) => cause!)
    expect(rows('Statistics').map(([name]) => name)).toEqual(expect.arrayContaining(causes))
  })

  test('has links that lead somewhere', () => {
    const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(
      ([, title]) =>
        `#${title!
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-')}`,
    )
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)]
      .map(([, link]) => link!)
      .filter(link => !/^https:/.test(link))
    expect(
      links.filter(link => (link.startsWith('#') ? !anchors.includes(link) : !existsSync(join(ROOT, link)))),
    ).toEqual([])
  })

  test('keeps the place of the benchmarks', () => {
    expect(text).toMatch(/<!-- bench:begin -->[\s\S]*<!-- bench:end -->/)
  })
})

/** The cells of all tables of a section, without backticks; head rows left out. */
function rows(title: string): string[][] {
  const section = new RegExp(`^## ${title}\\n(.*?)(?=^## )`, 'ms').exec(text)![1]!
  const lines = section.split('\n').filter(line => line.startsWith('|'))
  return lines
    .filter((line, index) => !isRule(line) && !isRule(lines[index + 1] ?? ''))
    .map(line =>
      line
        .slice(1, -1)
        .split(' | ')
        .map(cell => cell.trim().replaceAll('`', '')),
    )
}

/** What stands between the head of a table and its rows. */
function isRule(line: string): boolean {
  return /^\| ?---/.test(line)
}

/** `strict` is the opposite of libzmq's option; the others have none. */
function libzmqOf(name: string): string {
  return name === 'strict' ? 'ZMQ_REQ_CORRELATE' : '-'
}

function shownDefault(name: string, value: unknown): string {
  if (name === 'onFull') return 'by class'
  if (value === '') return 'none'
  if (typeof value === 'string') return `'${value}'`
  if (typeof value !== 'number' || value === Infinity) return String(value)
  if (/Size$|Bytes$/.test(name)) {
    return value >= 2 ** 20 ? `${value / 2 ** 20} MiB` : `${value / 2 ** 10} KiB`
  }
  return value.toLocaleString('en')
}
