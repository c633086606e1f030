/** What must and must not compile: Push, Pull and Pair. Never run. */

import * as v from 'valibot'
import { z } from 'zod'
import { json, type Message, msgpack, Pair, Pull, Push, raw, text } from '../../src/index.ts'
import { type Equal, expectType } from './expect.ts'

const jobs = { schema: z.object({ id: z.number(), due: z.string().transform(day => new Date(day)) }) }
const valibotJobs = {
  schema: v.object({
    id: v.number(),
    due: v.pipe(
      v.string(),
      v.transform(day => new Date(day)),
    ),
  }),
}
type Sent = { id: number; due: string }
type Received = { id: number; due: Date }

// The sender gives the schema's input type, the receiver gets its output type.
const push = new Push(jobs)
const pull = new Pull(jobs)
expectType<Equal<typeof push, Push<Sent>>>()
expectType<Equal<typeof pull, Pull<Received>>>()
push.send({ id: 1, due: '2026-01-01' })
// @ts-expect-error the output type is not what is sent
push.send({ id: 1, due: new Date() })
// @ts-expect-error a field is missing
push.trySend({ id: 1 })
for await (const job of pull) expectType<Equal<typeof job, Received>>()
expectType<Equal<Awaited<ReturnType<typeof pull.receiveMany>>, Received[]>>()
expectType<Equal<ReturnType<typeof pull.tryReceive>, Received | undefined>>()

// The same for valibot, and with options and a codec of any type beside the schema.
expectType<Equal<Push<Sent>, typeof pushed>>()
const pushed = new Push({ ...valibotJobs, codec: json, sendHighWaterMark: 10 })
const pulled = new Pull({ ...valibotJobs, codec: msgpack, receiveHighWaterMark: 10 })
expectType<Equal<typeof pulled, Pull<Received>>>()
const words = new Push({ schema: z.enum(['yes', 'no']), codec: text })
expectType<Equal<typeof words, Push<'yes' | 'no'>>>()

// A codec alone says the type.
const texts = new Push({ codec: text })
expectType<Equal<typeof texts, Push<string>>>()
const bytes = new Pull({ codec: raw })
expectType<Equal<typeof bytes, Pull<Message>>>()
new Push({ codec: raw }).send([new Uint8Array(1), new Uint8Array(2)])
// @ts-expect-error a raw message is bytes
new Push({ codec: raw }).send('text')
// @ts-expect-error text is strings
texts.send(1)

// A type argument alone is believed.
const believed = new Push<Sent>()
expectType<Equal<typeof believed, Push<Sent>>>()
new Push<Sent>({ codec: json, immediate: true })
new Pull<Sent>({ codec: msgpack })
// @ts-expect-error the codec is for strings
new Push<Sent>({ codec: text })
// @ts-expect-error the schema is for something else
new Push<{ other: string }>(jobs)

// Nothing at all: unknown.
const unknowns = new Pull()
expectType<Equal<typeof unknowns, Pull<unknown>>>()

// What a pattern lacks does not exist.
// @ts-expect-error Push does not receive
push.receive()
// @ts-expect-error Push is not iterable
for await (const _ of push) break
// @ts-expect-error Pull does not send
pull.send({ id: 1, due: '' })
// @ts-expect-error nobody subscribes to a Push
push.waitForSubscribers()

// Options of other patterns, unknown ones and wrong values are refused.
// @ts-expect-error an option of Router
new Push({ mandatory: true })
// @ts-expect-error no such option
new Pull({ highWaterMark: 1 })
// @ts-expect-error a number
new Pull({ linger: '1s' })
// @ts-expect-error not a schema
new Push({ schema: { id: 'number' } })

// Pair: one schema for both ways, or one each.
const pair = new Pair(jobs)
expectType<Equal<typeof pair, Pair<Sent, Received>>>()
const uneven = new Pair({ out: z.number(), in: z.string() })
expectType<Equal<typeof uneven, Pair<number, string>>>()
const chat = new Pair({ codec: text })
expectType<Equal<typeof chat, Pair<string, string>>>()
const same = new Pair<number>()
expectType<Equal<typeof same, Pair<number, number>>>()
