/** What must and must not compile: Request, Reply, Dealer, Router and the proxy. Never run. */

import * as v from 'valibot'
import { z } from 'zod'
import {
  Dealer,
  type Frame,
  json,
  Publisher,
  Pull,
  Push,
  proxy,
  Reply,
  Request,
  Router,
  raw,
  Subscriber,
  text,
  XPublisher,
  XSubscriber,
} from '../../src/index.ts'
import { type Equal, expectType } from './expect.ts'

const lookUp = {
  request: z.object({ name: z.string() }),
  answer: v.object({
    age: v.number(),
    born: v.pipe(
      v.string(),
      v.transform(day => new Date(day)),
    ),
  }),
}

// One contract for both ends: the asker sends inputs and gets outputs.
const request = new Request(lookUp)
const answer = await request.request({ name: 'Ada' }, { timeout: 100, retries: 2 })
expectType<Equal<typeof answer, { age: number; born: Date }>>()
// @ts-expect-error not a request
request.request({ age: 3 })
// @ts-expect-error Request has no send of its own
request.send({ name: 'Ada' })
// @ts-expect-error nor can answers be received past their requests
request.receive()

const reply = new Reply({ ...lookUp, codec: json })
reply.serve(({ name }) => ({ age: name.length, born: '1815-12-10' }), { concurrency: 3 })
reply.serve(async () => ({ age: 1, born: '' }))
// @ts-expect-error the answer lacks a field
reply.serve(() => ({ age: 1 }))
for await (const { value, reply: respond } of reply) {
  expectType<Equal<typeof value, { name: string }>>()
  respond({ age: 1, born: '' })
  // @ts-expect-error not an answer
  respond('no')
}
// @ts-expect-error an option of Request
new Reply({ strict: true })

// Types without schemas, and one side only.
const believed = new Request<number, string>()
expectType<Equal<ReturnType<typeof believed.request>, Promise<string>>>()
const half = new Request({ request: z.number() })
expectType<Equal<typeof half, Request<number, unknown>>>()
const spoken = new Request({ codec: text, strict: true })
expectType<Equal<typeof spoken, Request<string, string>>>()

// Dealer and Router share the contract of Request and Reply.
const dealer = new Dealer({ ...lookUp, envelope: true })
dealer.send({ name: 'Ada' })
expectType<Equal<Awaited<ReturnType<typeof dealer.receive>>, { age: number; born: Date }>>()
const router = new Router({ ...lookUp, onFull: 'wait', mandatory: false })
for await (const { peer, envelope, value } of router) {
  expectType<Equal<typeof peer, Uint8Array>>()
  expectType<Equal<typeof envelope, readonly Frame[]>>()
  expectType<Equal<typeof value, { name: string }>>()
  router.send(peer, { age: 1, born: '' }, envelope, { timeout: 5 })
  // @ts-expect-error not an answer
  router.send(peer, { name: 'Ada' })
}
// @ts-expect-error Router rejects or waits; it does not drop
new Router({ onFull: 'drop-newest' })

// The proxy takes pairs that fit, whatever their contracts.
const signal = new AbortController().signal
proxy(router, dealer, { capture: new Push({ codec: raw }), signal })
proxy(new XSubscriber(), new XPublisher(), { capture: new Publisher() })
proxy(new Pull<number>(), new Push<string>())
// @ts-expect-error nothing comes out of a Push
proxy(new Push(), new Pull())
// @ts-expect-error these do not fit
proxy(new Pull(), new XPublisher())
// @ts-expect-error a Subscriber sends nothing
proxy(router, dealer, { capture: new Subscriber() })
