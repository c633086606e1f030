/** What reaches a terminal, and what reaches a pipe. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { oneLine } from '../../../src/cli/exit.ts'
import { formatOf } from '../../../src/cli/format.ts'
import { Output } from '../../../src/cli/output.ts'
import { CONTROL, paint, render, type Text } from '../../../src/cli/paint.ts'
import { table } from '../../../src/cli/screen.ts'
import { fc } from '../../support/property.ts'

/** A stream that keeps what is written. */
function written(data: Text | Uint8Array, isTTY: boolean): string {
  const chunks: Buffer[] = []
  const write = (chunk: Uint8Array | string) => chunks.push(Buffer.from(chunk as string)) > 0
  new Output({ write, isTTY, destroyed: false, writable: true } as never).write(data)
  return Buffer.concat(chunks).toString('latin1')
}

const ATTACK = 'a\x1b[2J\x07\x7f\x9b31m\r\u202eb\u2028c'

describe('On a terminal', () => {
  test('data has no control characters but newlines and tabs, and nothing that reorders or breaks lines', () => {
    expect(written(`${ATTACK}\n\tü`, true)).toBe(
      `a\\u001b[2J\\u0007\\u007f\\u009b31m\\u000d\\u202eb\\u2028c\n\t${Buffer.from('ü').toString('latin1')}`,
    )
  })

  test('bytes are text, and no byte is a control character of its own', () => {
    expect(written(Buffer.from('\x1b[2J\x9b31m', 'latin1'), true)).toBe('\\u001b[2J\xef\xbf\xbd31m')
  })

  test('our own colours and sequences stay, with the data between them made safe', () => {
    const look = { terminal: true, colours: true }
    expect(render([CONTROL.home, paint('red', ['x', '\x1b[2J'])], look)).toBe(
      '\x1b[H\x1b[31mx\\u001b[2J\x1b[39m',
    )
    expect(render([CONTROL.home, paint('red', 'x')], { terminal: true, colours: false })).toBe('\x1b[Hx')
  })

  test('JSON stays JSON with the same value, whatever is in it', () => {
    const { write } = formatOf('ndjson', { head: 'topic', fixed: undefined, multipart: false })
    const look = { terminal: true, colours: false }
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(...'a"\\\n\t\r\x00\x1b\x7f\x80\x9b\x9f\u061c\u200e\u2028\u202e\u2069ü😀'),
        }),
        text => {
          const shown = render(write({ head: text, parts: [{ [text]: text }] }) as string, look)
          expect(JSON.parse(shown)).toEqual({ topic: text, value: { [text]: text } })
          expect(shown.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
        },
      ),
    )
  })
})

describe('In a pipe', () => {
  test('text and bytes are as they were, and nothing of ours is added', () => {
    expect(written(ATTACK, false)).toBe(Buffer.from(ATTACK).toString('latin1'))
    expect(written(Buffer.from([0x1b, 0x9b, 0xff]), false)).toBe('\x1b\x9b\xff')
    expect(written([CONTROL.enter, paint('red', 'x')], false)).toBe('x')
  })
})

describe('Lines for people', () => {
  test('are one line each, whatever stands in them', () => {
    expect(oneLine('a \n\n  b\n')).toBe('a b ')
    expect(oneLine('\n b')).toBe(' b')
    expect(
      table([
        ['a\nb', 'x\x1b[2J'],
        ['c', '\u202ed'],
      ]),
    ).toEqual(['a b  x\ufffd[2J', 'c    \ufffdd'])
  })

  test('take time that grows with the text only', () => {
    const blanks = ' '.repeat(100_000)
    const started = performance.now()
    oneLine(`${blanks}x${blanks}\n`)
    table([[blanks, `${blanks}\n`]])
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test('are cut, and a long cell widens no other row', () => {
    expect(oneLine('x'.repeat(2 ** 20)).length).toBeLessThan(5000)
    expect(
      table([
        ['x'.repeat(2000), 'y'],
        ['a', 'b'],
      ])[1]!.length,
    ).toBeLessThan(200)
  })
})

test('one file writes to standard output and standard error', () => {
  const cli = fileURLToPath(new URL('../../../src/cli', import.meta.url))
  const files = readdirSync(cli, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
  const writers = files.filter(name =>
    /std(out|err)\b[\w.]*\.?write|console\.|\(process\.std(out|err)\)/.test(
      readFileSync(join(cli, name), 'utf8'),
    ),
  )
  expect(writers).toEqual(['output.ts'])
  // A sequence of ours is one of paint.ts's: no other file can write an escape character.
  const sequences = files.filter(name => /\\x1b|\\u001b|\\033/.test(readFileSync(join(cli, name), 'utf8')))
  expect(sequences).toEqual(['paint.ts'])
})
