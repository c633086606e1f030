/** The eleven socket types: which of them talk to which, both ways round, and what becomes of those that may not. */
import { describe, expect } from 'vitest'
import type { Message } from '../../../src/message.ts'
import { mayTalk, SOCKET_TYPES, type SocketType } from '../../../src/socket-type.ts'
import { type Capability, differenceOf } from '../../support/engines.ts'
import { next, receiveText, textsOf } from '../../support/stage.ts'
import type { WholeSocket } from '../../support/whole.ts'
import type { Rule } from './rules.ts'

/** What one type says to another, and how the other shows it: parts joined by '|', names left out. */
const SENT: Partial<Record<SocketType, string[]>> = {
  PUSH: ['job'],
  PUB: ['topic', 'news'],
  XPUB: ['topic', 'news'],
  REQ: ['0001', '', 'question'],
  DEALER: ['deal'],
  PAIR: ['word'],
}

const LEGAL = SOCKET_TYPES.flatMap(binder =>
  SOCKET_TYPES.filter(dialler => mayTalk(binder, dialler)).map(dialler => [binder, dialler] as const),
)

/** One pair of each kind of mistake is enough for each type. */
const ILLEGAL: readonly (readonly [SocketType, SocketType])[] = [
  ['PUSH', 'PUSH'],
  ['PULL', 'SUB'],
  ['PUB', 'PULL'],
  ['SUB', 'REQ'],
  ['XPUB', 'PUB'],
  ['XSUB', 'SUB'],
  ['REQ', 'REQ'],
  ['REP', 'ROUTER'],
  ['DEALER', 'REQ'],
  ['ROUTER', 'REP'],
  ['PAIR', 'PUSH'],
]

const bytes = (parts: readonly string[]): Message => parts.map(part => Buffer.from(part))

async function subscribeAll(publisher: WholeSocket, subscriber: WholeSocket): Promise<void> {
  subscriber.subscribe!(Buffer.alloc(0))
  await publisher.subscribed!(1)
  if (publisher.type === 'XPUB') expect(await publisher.receive()).toEqual(Buffer.from([1]))
}

/** Each says what it can say to the other. */
async function talk(a: WholeSocket, b: WholeSocket): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    if (to.subscribe !== undefined && (to.type === 'SUB' || to.type === 'XSUB')) await subscribeAll(from, to)
    const parts = SENT[from.type]
    if (parts === undefined) continue
    await from.send(bytes(parts))
    const received = await to.receive()
    const types: readonly SocketType[] = [from.type, to.type]
    const [fromType, toType] = types
    if (toType !== 'REP' && toType !== 'ROUTER') {
      expect(textsOf(received)).toEqual(parts)
      continue
    }
    // A DEALER's delimiter is added on its way to a REP, and a REQ's request is numbered by its engine.
    const shown = fromType === 'DEALER' && toType === 'REP' ? ['', ...parts] : parts
    const told = textsOf(received).slice(1)
    expect(fromType === 'REQ' ? [parts[0], ...told.slice(1)] : told).toEqual(shown)
    await to.send(received)
    expect((await receiveText(from)).split('|')).toEqual(parts)
  }
}

/** Two ROUTERs find each other by the names they have given themselves. */
async function talkAsRouters(a: WholeSocket, b: WholeSocket): Promise<void> {
  await a.send(bytes(['b', 'to b']))
  expect(await receiveText(b)).toBe('a|to b')
  await b.send(bytes(['a', 'to a']))
  expect(await receiveText(a)).toBe('b|to a')
}

/** A DEALER adds the delimiter when it knows that its peer is a REP. */
function needsOf(...types: readonly SocketType[]): Capability[] {
  return types.includes('REP') && types.includes('DEALER') ? ['peer-details'] : []
}

export function typeRules(rule: Rule): void {
  describe('legal pairs', () => {
    for (const [binder, dialler] of LEGAL) {
      rule(
        `a ${binder} that binds and a ${dialler} that connects`,
        async stage => {
          const routers = binder === 'ROUTER' && dialler === 'ROUTER'
          const a = stage.near(binder, routers ? { routingId: 'a' } : {})
          const b = stage.far(dialler, routers ? { routingId: 'b' } : {})
          await stage.join(a, b)
          if (differenceOf(stage.pair, ['peer-details']) === undefined) {
            expect(a.peers[0]).toMatchObject({ socketType: dialler })
            expect(b.peers[0]).toMatchObject({ socketType: binder })
          }
          await (routers ? talkAsRouters(a, b) : talk(a, b))
        },
        ...needsOf(binder, dialler),
      )
    }

    rule('an XSUB may speak to an XPUB', async stage => {
      const [xpub, xsub] = [stage.near('XPUB'), stage.far('XSUB')]
      await stage.join(xpub, xsub)
      await xsub.send(Buffer.from('upstream'))
      expect(await receiveText(xpub)).toBe('upstream')
    })
  })

  describe('illegal pairs', () => {
    for (const [binder, dialler] of ILLEGAL) {
      rule(
        `a ${dialler} is refused by a ${binder}: both are told, and dialling goes on only slowly`,
        async stage => {
          const a = stage.near(binder)
          const b = stage.far(dialler, { reconnectInterval: 1, reconnectIntervalMax: 60_000 })
          const told = [
            next(a, 'handshake:failed'),
            next(b, 'handshake:failed'),
            next(b, 'connect:retry'),
          ] as const
          const endpoint = await a.bind(stage.transport.fresh())
          b.connect(endpoint)
          const [atBinder, atDialler, retry] = await Promise.all(told)
          for (const event of [atBinder, atDialler]) {
            // Who is refused over the wire has only the other's word for it.
            expect(event.error).toMatchObject({ code: expect.stringMatching(/^(PROTOCOL|SECURITY)$/) })
            expect(event.error.message).toMatch(new RegExp(`(?=.*${binder})(?=.*${dialler})`))
            expect(event.fatal).toBe(true)
          }
          expect(retry.delay).toBeGreaterThan(1000)
          expect(a.peers).toHaveLength(0)
          expect(b.peers).toHaveLength(0)
        },
        'refusal-events',
      )
    }

    rule(
      'a refused peer disturbs no other',
      async stage => {
        const pull = stage.near('PULL')
        const push = stage.far('PUSH')
        const endpoint = await stage.join(pull, push)
        const wrong = stage.far('SUB')
        const refused = next(pull, 'handshake:failed')
        wrong.connect(endpoint)
        await refused
        await push.send(Buffer.from('undisturbed'))
        expect(await receiveText(pull)).toBe('undisturbed')
      },
      'refusal-events',
    )
  })
}
