/** Bytes to lines, however the bytes come. */

import { expect, test } from 'vitest'
import { splitLines } from '../../../src/cli/split-lines.ts'
import { fc } from '../../support/property.ts'

async function* stream(chunks: readonly Uint8Array[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

async function lines(...chunks: string[]): Promise<string[]> {
  const found: string[] = []
  for await (const { bytes } of splitLines(stream(chunks.map(chunk => Buffer.from(chunk)))))
    found.push(bytes.toString())
  return found
}

test('ends lines at newlines only, and counts what follows the last one', async () => {
  expect(await lines('a\n\nb\r\u2028c')).toEqual(['a', '', 'b\r\u2028c'])
  expect(await lines('a\n')).toEqual(['a'])
  expect(await lines()).toEqual([])
  expect(await lines('', '')).toEqual([])
})

test('joins what comes in pieces, wherever they are split', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: fc.constantFrom('a', '\n', 'ü') })), async pieces => {
      const whole = pieces.join('')
      const wanted = whole.split('\n')
      if (wanted.at(-1) === '') wanted.pop()
      expect(await lines(...pieces)).toEqual(wanted)
    }),
  )
})

test('numbers lines from 1', async () => {
  const numbers: number[] = []
  for await (const { number } of splitLines(stream([Buffer.from('a\nb\nc')]))) numbers.push(number)
  expect(numbers).toEqual([1, 2, 3])
})
