/** Messages with a peer's name, and envelopes. */
import { describe, expect, test } from 'vitest'
import { Addressed, bodyFrom, delimiterIn, enveloped } from '../../src/addressed.ts'
import { EMPTY_FRAME, type Message } from '../../src/message.ts'

const part = (text: string) => Buffer.from(text)
const parts = (...texts: string[]) => texts.map(part)
const name = part('name')

describe('A message with its peer', () => {
  test.each<[string, Message, string[] | undefined, Message]>([
    ['of one part', part('body'), undefined, part('body')],
    ['of several parts without an empty one', parts('a', 'b'), undefined, parts('a', 'b')],
    ['behind an empty part', parts('', 'body'), [], part('body')],
    ['behind an envelope', parts('id', '', 'body'), ['id'], part('body')],
    ['with an empty part in its body', parts('id', '', 'a', '', 'b'), ['id'], parts('a', '', 'b')],
    ['that ends with the delimiter', parts('id', ''), ['id'], EMPTY_FRAME],
    ['that is a delimiter', part(''), [], EMPTY_FRAME],
  ])('%s is split at the first empty part', (_, message, envelope, body) => {
    const split = new Addressed(name, message, delimiterIn(message))
    expect(split.envelope?.map(String)).toEqual(envelope)
    expect(split.body).toEqual(body)
  })

  test('whose delimiter is not looked for is all body', () => {
    const { envelope, body } = new Addressed(name, parts('', 'x'))
    expect([envelope, body]).toEqual([undefined, parts('', 'x')])
  })

  test.each([[part('x')], [parts('', 'x')], [parts('id', '')]])(
    'stays as it is with the name in front',
    message => {
      const { whole } = new Addressed(name, message, delimiterIn(message))
      expect(Addressed.from(whole)).toEqual(new Addressed(name, message))
    },
  )

  test('has no part when it is nothing but a name', () => {
    expect(Addressed.from(name).message).toEqual([])
  })

  test('counts the bytes of all parts and of the name', () => {
    expect(new Addressed(name, parts('id', '', 'body')).byteLength).toBe(10)
  })
})

test('A body is joined to its envelope by an empty part', () => {
  expect(enveloped([], part('body'))).toEqual(parts('', 'body'))
  expect(enveloped(parts('a', 'b'), parts('c', 'd'))).toEqual(parts('a', 'b', '', 'c', 'd'))
})

test('A body from the first part on is the message itself', () => {
  const message = parts('a', 'b')
  expect(bodyFrom(message, 0)).toBe(message)
})
