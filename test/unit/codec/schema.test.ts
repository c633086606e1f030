import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Codec } from '../../../src/codec/codec.ts'
import { json } from '../../../src/codec/json.ts'
import { Decoder, Encoder, type Schema } from '../../../src/codec/schema.ts'
import { InvalidMessageError, UnsupportedError } from '../../../src/errors.ts'

const schemas: [string, Schema<any, any>][] = [
  ['zod', z.object({ id: z.number(), due: z.string().transform(day => new Date(day)) })],
  [
    'valibot',
    v.object({
      id: v.number(),
      due: v.pipe(
        v.string(),
        v.transform(day => new Date(day)),
      ),
    }),
  ],
]

function caught(action: () => unknown): any {
  try {
    action()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describe.each(schemas)('with a schema of %s', (_, schema) => {
  const encoder = new Encoder(json, schema)
  const decoder = new Decoder(json, schema)

  it('sends the value as given, and transforms what is received', () => {
    const message = encoder.encode({ id: 1, due: '2026-01-01' })
    expect(json.decode(message)).toEqual({ id: 1, due: '2026-01-01' })
    expect(decoder.decode(message)).toEqual({ id: 1, due: new Date('2026-01-01') })
  })

  it('refuses to send and to receive what does not fit, and says why and where', () => {
    const sent = caught(() => encoder.encode({ id: 'one', due: '' }))
    expect(sent).toBeInstanceOf(InvalidMessageError)
    expect(sent.message).toContain("id: 'one'")
    expect(sent.message).toMatch(/: id: /)
    const received = caught(() => decoder.decode(json.encode({ id: 'one', due: '' })))
    expect(received).toBeInstanceOf(InvalidMessageError)
    expect(received.issues).toHaveLength(1)
    expect(received.message).toBe('the schema refuses an object: at id')
  })
})

describe('the encoder and the decoder', () => {
  it('wrap what a codec throws, with the value and the cause', () => {
    const cause = new Error('no')
    const broken: Codec<unknown> = {
      name: 'broken',
      encode() {
        throw cause
      },
      decode() {
        throw cause
      },
    }
    for (const attempt of [
      () => new Encoder(broken).encode({ a: 1 }),
      () => new Decoder(broken).decode(Buffer.from('x')),
    ]) {
      const error = caught(attempt)
      expect(error).toBeInstanceOf(InvalidMessageError)
      expect(error.cause).toBe(cause)
      expect(error.message).toMatch(/^codec broken cannot (encode \{ a: 1 \}|decode 1 bytes): no$/)
    }
  })

  it('keep a huge value out of the error message', () => {
    const error = caught(() => new Decoder(json).decode(Buffer.alloc(1_000_000, 'x')))
    expect(error.message.length).toBeLessThan(500)
  })

  it.each([
    ['zod', z.string().refine(async () => true)],
    [
      'valibot',
      v.pipeAsync(
        v.string(),
        v.checkAsync(async () => false),
      ),
    ],
  ])('refuse a schema of %s that validates asynchronously', (_, schema) => {
    expect(() => new Encoder(json, schema).encode('a')).toThrow(UnsupportedError)
    expect(() => new Decoder(json, schema as Schema).decode(json.encode('a'))).toThrow('asynchronously')
  })

  it.each([
    ['zod', z.string().transform(text => new URL(text))],
    [
      'valibot',
      v.pipe(
        v.string(),
        v.transform(text => new URL(text)),
      ),
    ],
  ])('take a transformation of %s that throws for a schema that refuses', (_, schema) => {
    const decoder = new Decoder(json, schema as Schema<unknown, URL>)
    expect(() => decoder.decode(json.encode('no address'))).toThrow(InvalidMessageError)
    expect(decoder.decode(json.encode('http://a')).host).toBe('a')
    expect(() => decoder.decode(json.encode('no address'))).toThrow(InvalidMessageError)
  })

  const answering = (answer: () => unknown) =>
    ({ '~standard': { version: 1, vendor: 'own', validate: answer } }) as unknown as Schema<unknown, string>

  it.each([
    // biome-ignore lint/suspicious/noThenProperty: the case
    ['a thenable', () => ({ then() {} })],
    ['nothing', () => undefined],
    [
      'what throws an object without a text',
      () => {
        throw Object.create(null)
      },
    ],
  ])('do not take %s from a schema for a valid value', (_, answer) => {
    const schema = answering(answer)
    expect(() => new Decoder(json, schema).decode(json.encode('a'))).toThrow(InvalidMessageError)
    expect(() => new Encoder(json, schema).encode('a')).toThrow()
  })

  it('name where a received value is wrong without the keys that a peer made up', () => {
    const decoder = new Decoder(json, z.record(z.string(), z.object({ id: z.number() })))
    const error = caught(() => decoder.decode(json.encode({ '\u001b[2J': { id: 'secret' } })))
    expect(error.message).toBe('the schema refuses an object: at (a key).id')
  })
})
