/** The semantics of each pattern: what happens without a peer, with a peer at its mark, and when a peer goes away. */
import { describe, expect } from 'vitest'
import { InvalidMessageError, UnroutableError } from '../../../src/errors.ts'
import type { Message } from '../../../src/message.ts'
import type { SocketType } from '../../../src/socket-type.ts'
import {
  fill,
  next,
  numbered,
  PATIENCE,
  receiveText,
  receiveTexts,
  type Stage,
  texts,
  textsOf,
} from '../../support/stage.ts'
import type { WholeSocket } from '../../support/whole.ts'
import type { Rule } from './rules.ts'

const waiting = { timeout: PATIENCE }
const quick = { reconnectInterval: 10, reconnectIntervalMax: 20 }
const bytes = (...parts: string[]): Message => parts.map(part => Buffer.from(part))

/** The types that deal messages out, who takes them, and what one looks like. */
const DEALING: readonly (readonly [SocketType, SocketType, (text: string) => Message])[] = [
  ['PUSH', 'PULL', text => Buffer.from(text)],
  ['DEALER', 'DEALER', text => Buffer.from(text)],
  ['REQ', 'REP', text => [Buffer.from(text.padStart(4).slice(0, 4)), Buffer.alloc(0), Buffer.from(text)]],
]

export function patternRules(rule: Rule): void {
  for (const [type, peerType, message] of DEALING) dealingRules(rule, type, peerType, message)
  pairRules(rule)
  publisherRules(rule)
  subscriberRules(rule)
  routerRules(rule)
  replyRules(rule)
}

function dealingRules(
  rule: Rule,
  type: SocketType,
  peerType: SocketType,
  message: (text: string) => Message,
): void {
  describe(`${type}`, () => {
    rule('no peer, bound only: send waits', async stage => {
      const socket = stage.near(type)
      const endpoint = await socket.bind(stage.transport.fresh())
      expect(socket.trySend(message('0'))).toBe(false)
      const sent = socket.send(message('1'), waiting)
      const peer = stage.far(peerType)
      peer.connect(endpoint)
      await sent
      expect(textsOf(await peer.receive(waiting)).at(-1)).toBe('1')
    })

    rule('no peer, connected: the message waits in the pipe', async stage => {
      const endpoint = await stage.transport.absent()
      const socket = stage.near(type, quick)
      socket.connect(endpoint)
      expect(socket.trySend(message('1'))).toBe(true)
      const peer = stage.far(peerType)
      await peer.bind(endpoint)
      expect(textsOf(await peer.receive(waiting)).at(-1)).toBe('1')
    })

    rule(
      'no peer, connected, immediate: send waits',
      async stage => {
        const endpoint = await stage.transport.absent()
        const socket = stage.near(type, { ...quick, immediate: true })
        socket.connect(endpoint)
        expect(socket.trySend(message('0'))).toBe(false)
        const sent = socket.send(message('1'), waiting)
        const peer = stage.far(peerType)
        await peer.bind(endpoint)
        await sent
        expect(textsOf(await peer.receive(waiting)).at(-1)).toBe('1')
      },
      'immediate',
    )

    rule('several peers take turns', async stage => {
      const socket = stage.near(type)
      const peers = [stage.far(peerType), stage.far(peerType), stage.far(peerType)]
      await stage.join(socket, ...peers)
      for (let index = 0; index < 9; index++) await socket.send(message(`m${index}`))
      for (const peer of peers) {
        const numbers = []
        for (let count = 0; count < 3; count++) {
          numbers.push(
            Number(
              textsOf(await peer.receive(waiting))
                .at(-1)!
                .slice(1),
            ),
          )
        }
        expect(numbers[1]! - numbers[0]!).toBe(3)
        expect(numbers[2]! - numbers[1]!).toBe(3)
      }
    })

    rule('a peer at its mark is skipped; all full: send waits and trySend answers false', async stage => {
      const socket = stage.near(type, { sendHighWaterMark: 2 })
      const stuck = stage.far(peerType, { receiveHighWaterMark: 2 })
      const busy = stage.far(peerType, { receiveHighWaterMark: 2 })
      const endpoint = await stage.join(socket, stuck)
      const large = 'x'.repeat(300_000)
      await fill(socket, message(large))
      expect(socket.trySend(message('y'))).toBe(false)
      busy.connect(endpoint)
      await socket.connected(2)
      for (let index = 0; index < 20; index++) {
        await socket.send(message(`m${index}`), waiting)
        expect(textsOf(await busy.receive(waiting)).at(-1)).toBe(`m${index}`)
      }
    })

    rule(
      'a pipe without a connection is chosen only when no connected one has room',
      async stage => {
        const socket = stage.near(type, { sendHighWaterMark: 10, ...quick })
        const peer = stage.far(peerType)
        const nowhere = await stage.transport.absent()
        socket.connect(nowhere)
        await stage.join(peer, socket)
        for (let index = 0; index < 5; index++) await socket.send(message(`m${index}`))
        for (let index = 0; index < 5; index++)
          expect(textsOf(await peer.receive(waiting)).at(-1)).toBe(`m${index}`)
      },
      're-routing',
    )

    rule(
      'a peer goes away: what had not begun to be written goes to the others, oldest first',
      async stage => {
        const socket = stage.near(type, { sendHighWaterMark: 50 })
        const endpoint = await socket.bind(stage.transport.fresh())
        const going = stage.far(peerType, { receiveHighWaterMark: 1, reconnectInterval: 60_000 })
        going.connect(endpoint)
        await going.connected(1)
        await fill(socket, message('x'.repeat(200_000)))
        // Waits behind a full pipe, so it comes after all that waits in it.
        const last = socket.send(message('last'), waiting)
        const staying = stage.far(peerType)
        const before = socket.stats().traffic.queued!
        // Room is announced only when half of the mark has gone.
        expect(before).toBeGreaterThan(25)
        await going.close({ linger: 0 })
        await socket.connected(0)
        staying.connect(endpoint)
        await last
        const got: string[] = []
        while (got.at(-1) !== 'last') got.push(textsOf(await staying.receive(waiting)).at(-1)!)
        // All but those being written when the connection broke.
        expect(got.length).toBeGreaterThan(before - 10)
      },
      're-routing',
    )

    rule(
      'a peer that failed for good takes nothing',
      async stage => {
        const socket = stage.near(type, { reconnectInterval: 1 })
        const wrong = stage.far('SUB')
        const failed = next(socket, 'connect:retry')
        socket.connect(await wrong.bind(stage.transport.fresh()))
        await failed
        expect(socket.trySend(message('0'))).toBe(false)
        const peer = stage.far(peerType)
        socket.connect(await peer.bind(stage.transport.fresh()))
        await socket.send(message('1'), waiting)
        expect(textsOf(await peer.receive(waiting)).at(-1)).toBe('1')
      },
      'refusal-events',
    )
  })
}

function pairRules(rule: Rule): void {
  describe('PAIR', () => {
    rule('no peer: waits when bound, queues when connected', async stage => {
      const bound = stage.near('PAIR')
      await bound.bind(stage.transport.fresh())
      expect(bound.trySend(Buffer.from('nobody'))).toBe(false)
      const endpoint = await stage.transport.absent()
      const connected = stage.near('PAIR', quick)
      connected.connect(endpoint)
      expect(connected.trySend(Buffer.from('queued'))).toBe(true)
      const peer = stage.far('PAIR')
      await peer.bind(endpoint)
      expect(await receiveText(peer)).toBe('queued')
    })

    rule('a peer at its mark: send waits', async stage => {
      const [a, b] = [
        stage.near('PAIR', { sendHighWaterMark: 2 }),
        stage.far('PAIR', { receiveHighWaterMark: 2 }),
      ]
      await stage.join(a, b)
      const count = await fill(a, Buffer.alloc(300_000))
      expect(a.trySend(Buffer.from('more'))).toBe(false)
      const last = a.send(Buffer.from('last'), waiting)
      for (let at = 0; at < count; at++) await b.receive(waiting)
      await last
      expect(await receiveText(b)).toBe('last')
    })

    rule(
      'a second peer is refused with an event, and the first is not disturbed',
      async stage => {
        const [a, b, third] = [stage.near('PAIR'), stage.far('PAIR'), stage.far('PAIR')]
        const endpoint = await stage.join(a, b)
        const refused = next(a, 'handshake:failed')
        third.connect(endpoint)
        expect((await refused).fatal).toBe(true)
        await b.send(Buffer.from('undisturbed'))
        expect(await receiveText(a)).toBe('undisturbed')
        expect(a.peers).toHaveLength(1)
      },
      'refusal-events',
    )

    rule('the peer goes away: the next one gets what waits', async stage => {
      const [a, b] = [stage.near('PAIR'), stage.far('PAIR')]
      const endpoint = await stage.join(a, b)
      const gone = next(a, 'disconnect')
      await b.close()
      await gone
      const sent = a.send(Buffer.from('for the next'), waiting)
      const other = stage.far('PAIR')
      other.connect(endpoint)
      await sent
      expect(await receiveText(other)).toBe('for the next')
    })
  })
}

/** A publisher and two subscribers, of which the second does not read; the publisher's mark of it is full. */
async function crowd(stage: Stage, onFull: 'drop-newest' | 'drop-oldest' | 'wait') {
  const pub = stage.near('PUB', { sendHighWaterMark: 3, onFull })
  const fast = stage.far('SUB')
  const slow = stage.far('SUB', { receiveHighWaterMark: 1 })
  await stage.join(pub, fast, slow)
  for (const sub of [fast, slow]) sub.subscribe!(Buffer.alloc(0))
  await pub.subscribed!(2, undefined, waiting)
  return { pub, fast, slow }
}

const LARGE = Buffer.alloc(300_000, 'x')

function publisherRules(rule: Rule): void {
  describe('PUB', () => {
    rule('nobody subscribed: nothing to do', async stage => {
      const [pub, sub] = [stage.near('PUB'), stage.far('SUB')]
      await pub.send(Buffer.from('nobody'))
      expect(pub.trySend(Buffer.from('nobody'))).toBe(true)
      await stage.join(pub, sub)
      sub.subscribe!(Buffer.from('wanted'))
      await pub.subscribed!(1, Buffer.from('wanted'), waiting)
      await pub.send(Buffer.from('unwanted'))
      await pub.send(Buffer.from('wanted'))
      expect(await receiveText(sub)).toBe('wanted')
      expect(pub.stats().traffic.dropped ?? 0).toBe(0)
    })

    rule('each subscriber gets what begins with one of its prefixes, once', async stage => {
      const pub = stage.near('PUB')
      const subs = [stage.far('SUB'), stage.far('SUB')]
      await stage.join(pub, ...subs)
      for (const prefix of ['a', 'ab', 'c']) subs[0]!.subscribe!(Buffer.from(prefix))
      subs[1]!.subscribe!(Buffer.from('ab'))
      await pub.subscribed!(2, Buffer.from('ab'), waiting)
      await pub.subscribed!(1, Buffer.from('c'), waiting)
      for (const topic of ['a', 'b', 'abc', 'c', 'ab']) await pub.send(bytes(topic, `value of ${topic}`))
      expect(await receiveTexts(subs[0]!, 4)).toEqual([
        'a|value of a',
        'abc|value of abc',
        'c|value of c',
        'ab|value of ab',
      ])
      expect(await receiveTexts(subs[1]!, 2)).toEqual(['abc|value of abc', 'ab|value of ab'])
    })

    rule(
      'drop-newest: a peer at its mark misses messages, the others miss none',
      async stage => {
        const { pub, fast, slow } = await crowd(stage, 'drop-newest')
        const dropped = next(pub, 'message:dropped')
        const count = 60
        for (let index = 0; index < count; index++) {
          await pub.send([Buffer.from(`m${index}`), LARGE])
          expect(textsOf(await fast.receive(waiting))[0]).toBe(`m${index}`)
        }
        expect(await dropped).toMatchObject({ cause: 'high-water-mark' })
        const { dropped: byCause } = pub.stats()
        const got: string[] = []
        while (got.length < count - byCause['high-water-mark']!)
          got.push(textsOf(await slow.receive(waiting))[0]!)
        // What it got is what was sent first, and whatever it had room for again.
        const numbers = got.map(text => Number(text.slice(1)))
        expect(numbers[0]).toBe(0)
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
      },
      'drop-counts',
    )

    rule(
      'drop-oldest: a peer at its mark gets the newest in the end',
      async stage => {
        const { pub, fast, slow } = await crowd(stage, 'drop-oldest')
        const count = 60
        for (let index = 0; index < count; index++) {
          await pub.send([Buffer.from(`m${index}`), LARGE])
          await fast.receive(waiting)
        }
        const missed = pub.stats().dropped['high-water-mark']!
        expect(missed).toBeGreaterThan(0)
        const got: string[] = []
        while (got.length < count - missed) got.push(textsOf(await slow.receive(waiting))[0]!)
        expect(got.at(-1)).toBe(`m${count - 1}`)
      },
      'drop-oldest',
    )

    rule(
      'wait: nobody gets the message before everybody can, and nobody misses one',
      async stage => {
        const { pub, fast, slow } = await crowd(stage, 'wait')
        const taken = await fill(pub, [Buffer.from('m'), LARGE])
        expect(pub.trySend(Buffer.from('m'))).toBe(false)
        const last = pub.send(Buffer.from('last'), waiting)
        for (let count = 0; count < taken; count++) await fast.receive(waiting)
        expect(fast.tryReceive()).toBeUndefined()
        for (let count = 0; count < taken; count++) await slow.receive(waiting)
        await last
        expect(await receiveText(fast)).toBe('last')
        expect(await receiveText(slow)).toBe('last')
      },
      'exact-marks',
    )

    rule(
      'wait: sends are not overtaken by later ones of the same topic',
      async stage => {
        const { pub, fast, slow } = await crowd(stage, 'wait')
        await fill(pub, LARGE)
        const sent = numbered('ordered', 30)
        const sends = sent.map(message => pub.send(message, waiting))
        const read = async (sub: WholeSocket) => {
          const got: string[] = []
          while (got.length < sent.length) {
            const text = await receiveText(sub)
            if (text.startsWith('ordered')) got.push(text)
          }
          return got
        }
        const received = await Promise.all([read(fast), read(slow)])
        expect(received).toEqual([texts(sent), texts(sent)])
        await Promise.all(sends)
      },
      'exact-marks',
    )

    rule('a subscriber goes away: its subscriptions die with it', async stage => {
      const xpub = stage.near('XPUB')
      const subs = [stage.far('SUB'), stage.far('SUB')]
      await stage.join(xpub, ...subs)
      subs[0]!.subscribe!(Buffer.from('a'))
      expect(await receiveText(xpub)).toBe('\x01a')
      subs[1]!.subscribe!(Buffer.from('b'))
      expect(await receiveText(xpub)).toBe('\x01b')
      await subs[0]!.close()
      expect(await receiveText(xpub)).toBe('\x00a')
    })

    for (const early of [true, false]) {
      rule(
        `more subscriptions than allowed end that connection, and none of them stays (${early ? 'made before' : 'made after'} connecting)`,
        async stage => {
          const pub = stage.near('PUB', { maxSubscriptions: 3 })
          const sub = stage.far('SUB', { reconnectInterval: 60_000, reconnectIntervalMax: 60_000 })
          const subscribe = () => {
            for (const topic of ['a', 'b', 'c', 'd', 'e', 'f']) sub.subscribe!(Buffer.from(topic))
          }
          const gone = next(pub, 'disconnect')
          if (early) subscribe()
          sub.connect(await pub.bind(stage.transport.fresh()))
          if (!early) {
            await sub.connected(1)
            subscribe()
          }
          expect((await gone).error?.message).toContain('3')
          await expect(pub.subscribed!(1, undefined, { timeout: 1 })).rejects.toMatchObject({
            code: 'TIMEOUT',
          })
          await pub.send(Buffer.from('f'))
          expect(pub.stats().dropped).toEqual({})
        },
        'limits',
      )
    }

    rule('XPUB tells of a subscription once, or each time when verbose', async stage => {
      for (const verbose of [false, true]) {
        const xpub = stage.near('XPUB', { verbose })
        const subs = [stage.far('SUB'), stage.far('SUB')]
        await stage.join(xpub, ...subs)
        for (const sub of subs) {
          sub.subscribe!(Buffer.from('a'))
          await xpub.subscribed!(subs.indexOf(sub) + 1, Buffer.from('a'), waiting)
        }
        subs[0]!.subscribe!(Buffer.from('b'))
        const expected = verbose ? ['\x01a', '\x01a', '\x01b'] : ['\x01a', '\x01b']
        expect(await receiveTexts(xpub, expected.length)).toEqual(expected)
      }
    })
  })
}

function subscriberRules(rule: Rule): void {
  describe('SUB and PULL', () => {
    rule('what is subscribed to twice must be unsubscribed twice', async stage => {
      const [xpub, sub] = [stage.near('XPUB'), stage.far('SUB')]
      await stage.join(xpub, sub)
      for (let count = 0; count < 2; count++) sub.subscribe!(Buffer.from('a'))
      expect(await receiveText(xpub)).toBe('\x01a')
      sub.unsubscribe!(Buffer.from('a'))
      sub.subscribe!(Buffer.from('b'))
      expect(await receiveText(xpub)).toBe('\x01b')
      await xpub.send(Buffer.from('a still'))
      expect(await receiveText(sub)).toBe('a still')
      sub.unsubscribe!(Buffer.from('a'))
      expect(await receiveText(xpub)).toBe('\x00a')
    })

    rule('after unsubscribe nothing of the topic is received, not even what is on its way', async stage => {
      const [pub, sub] = [stage.near('PUB'), stage.far('SUB')]
      await stage.join(pub, sub)
      sub.subscribe!(Buffer.from('a'))
      sub.subscribe!(Buffer.from('b'))
      await pub.subscribed!(1, Buffer.from('b'), waiting)
      for (const topic of ['a', 'a', 'b']) await pub.send(Buffer.from(topic))
      sub.unsubscribe!(Buffer.from('a'))
      expect(await receiveText(sub)).toBe('b')
    })

    rule('a Subscriber re-subscribes when it comes back', async stage => {
      const first = stage.near('XPUB')
      const sub = stage.far('SUB', quick)
      const endpoint = await stage.join(first, sub)
      sub.subscribe!(Buffer.from('a'))
      expect(await receiveText(first)).toBe('\x01a')
      await first.close()
      const second = stage.near('XPUB')
      await second.bind(endpoint)
      expect(await receiveText(second)).toBe('\x01a')
      await second.send(Buffer.from('not wanted'))
      await second.send(Buffer.from('a again'))
      expect(await receiveText(sub)).toBe('a again')
    })

    rule(
      'several senders are read in turn',
      async stage => {
        const pull = stage.near('PULL')
        const pushes = [stage.far('PUSH'), stage.far('PUSH'), stage.far('PUSH')]
        await stage.join(pull, ...pushes)
        for (const [index, push] of pushes.entries())
          for (let count = 0; count < 100; count++) await push.send(Buffer.from(String(index)))
        await expect.poll(() => pull.stats().traffic.waiting, { timeout: PATIENCE, interval: 5 }).toBe(300)
        const first = await receiveTexts(pull, 9)
        expect(first.filter(text => text === '0')).toHaveLength(3)
        expect(first.filter(text => text === '1')).toHaveLength(3)
        expect(first.filter(text => text === '2')).toHaveLength(3)
      },
      'peer-traffic',
    )

    rule('what a peer sent before it went can still be received', async stage => {
      const [push, pull] = [stage.near('PUSH'), stage.far('PULL')]
      await stage.join(pull, push)
      const sent = numbered('message', 10)
      for (const message of sent) await push.send(message)
      const gone = next(pull, 'disconnect')
      await push.close()
      await gone
      expect(await receiveTexts(pull, 10)).toEqual(texts(sent))
    })
  })
}

function routerRules(rule: Rule): void {
  describe('ROUTER', () => {
    rule(
      'an unknown routing id rejects, with the message in the error',
      async stage => {
        const router = stage.near('ROUTER')
        const message = bytes('nobody', 'hello')
        const error = await router.send(message).catch(error => error)
        expect(error).toBeInstanceOf(UnroutableError)
        expect(error.undelivered).toEqual(message)
        expect(error.message).toContain(Buffer.from('nobody').toString('hex'))
        expect(() => router.trySend(message)).toThrow(UnroutableError)
      },
      'router-outcomes',
    )

    rule(
      'mandatory false: a message for an unknown routing id is dropped and counted',
      async stage => {
        const router = stage.near('ROUTER', { mandatory: false })
        await router.send(bytes('nobody', 'hello'))
        expect(router.trySend(bytes('nobody', 'hello'))).toBe(true)
        expect(router.stats().dropped).toEqual({ 'no-peer': 2 })
      },
      'drop-counts',
    )

    rule(
      'a message that is nothing but a routing id is refused',
      async stage => {
        const router = stage.near('ROUTER')
        const dealer = stage.far('DEALER', { routingId: 'peer' })
        await stage.join(router, dealer)
        await expect(router.send(Buffer.from('peer'))).rejects.toThrow(InvalidMessageError)
        await router.send(bytes('peer', 'whole'))
        expect(await receiveText(dealer)).toBe('whole')
      },
      'limits',
    )

    rule(
      'peers are known by the routing id they give themselves, others by one made up',
      async stage => {
        const router = stage.near('ROUTER')
        const named = stage.far('DEALER', { routingId: 'Alice' })
        const nameless = stage.far('DEALER')
        await stage.join(router, named, nameless)
        await named.send(Buffer.from('I'))
        expect(await receiveText(router)).toBe('Alice|I')
        await router.send(bytes('Alice', 'you'))
        expect(await receiveText(named)).toBe('you')
        await nameless.send(Buffer.from('who'))
        const [name] = (await router.receive()) as Buffer[]
        expect(name![0]).toBe(0)
        await router.send([name!, Buffer.from('you there')])
        expect(await receiveText(nameless)).toBe('you there')
        expect(router.peers.map(peer => Buffer.from(peer.routingId!).toString('latin1'))).toEqual([
          'Alice',
          name!.toString('latin1'),
        ])
      },
      'peer-details',
    )

    rule('reject: a peer at its mark rejects, and holds up no other', async stage => {
      const router = stage.near('ROUTER', { sendHighWaterMark: 2, onFull: 'reject' })
      const stuck = stage.far('DEALER', { routingId: 'stuck', receiveHighWaterMark: 1 })
      const live = stage.far('DEALER', { routingId: 'live' })
      await stage.join(router, stuck, live)
      let error: unknown
      for (let tries = 0; error === undefined; tries++) {
        expect(tries).toBeLessThan(1000)
        await router.send([Buffer.from('stuck'), LARGE]).catch(reason => {
          error = reason
        })
      }
      expect(error).toBeInstanceOf(UnroutableError)
      await router.send(bytes('live', 'hello'))
      expect(await receiveText(live)).toBe('hello')
    })

    rule('wait: the send waits for that peer alone', async stage => {
      const router = stage.near('ROUTER', { sendHighWaterMark: 2, onFull: 'wait' })
      const stuck = stage.far('DEALER', { routingId: 'stuck', receiveHighWaterMark: 1 })
      const live = stage.far('DEALER', { routingId: 'live' })
      await stage.join(router, stuck, live)
      const taken = await fill(router, [Buffer.from('stuck'), LARGE])
      const sends = Array.from({ length: 20 }, (_, index) =>
        router.send(bytes('stuck', `s${index}`), waiting),
      )
      await router.send(bytes('live', 'hello'), waiting)
      expect(await receiveText(live)).toBe('hello')
      for (let count = 0; count < taken; count++) await stuck.receive(waiting)
      for (let index = 0; index < 20; index++) expect(await receiveText(stuck)).toBe(`s${index}`)
      await Promise.all(sends)
    })

    rule('wait: large messages that wait for one peer all arrive, in order', async stage => {
      const router = stage.near('ROUTER', { sendHighWaterMark: 8, onFull: 'wait' })
      const dealer = stage.far('DEALER', { routingId: 'peer', receiveHighWaterMark: 2 })
      await stage.join(router, dealer)
      // More than may be sent before the event loop gets its turn.
      const sends = Array.from({ length: 40 }, (_, index) =>
        router.send([Buffer.from('peer'), Buffer.from(`m${index}`), LARGE], waiting),
      )
      for (let index = 0; index < 40; index++)
        expect(textsOf(await dealer.receive(waiting))[0]).toBe(`m${index}`)
      await Promise.all(sends)
    })

    rule(
      'a peer goes away: its pending sends reject, with their messages',
      async stage => {
        const router = stage.near('ROUTER', { sendHighWaterMark: 2, onFull: 'wait' })
        const going = stage.far('DEALER', { routingId: 'going', receiveHighWaterMark: 1 })
        await stage.join(router, going)
        await fill(router, [Buffer.from('going'), LARGE])
        const message = bytes('going', 'pending')
        const pending = router.send(message, waiting).catch(error => error)
        await going.close({ linger: 0 })
        const error = await pending
        expect(error).toBeInstanceOf(UnroutableError)
        expect(error.undelivered).toEqual(message)
      },
      'router-outcomes',
    )

    rule(
      'a clash of routing ids: the newcomer is refused with an event',
      async stage => {
        const router = stage.near('ROUTER')
        const first = stage.far('DEALER', { routingId: 'same' })
        const second = stage.far('DEALER', { routingId: 'same' })
        const endpoint = await stage.join(router, first)
        const refused = next(router, 'handshake:failed')
        second.connect(endpoint)
        const { error, fatal } = await refused
        expect(error.message).toContain(Buffer.from('same').toString('hex'))
        expect(fatal).toBe(true)
        await router.send(bytes('same', 'to the first'))
        expect(await receiveText(first)).toBe('to the first')
      },
      'refusal-events',
    )

    rule(
      'handover: a newcomer takes over the routing id',
      async stage => {
        const router = stage.near('ROUTER', { handover: true })
        const first = stage.far('DEALER', { routingId: 'same', reconnectInterval: 60_000 })
        const second = stage.far('DEALER', { routingId: 'same' })
        const endpoint = await stage.join(router, first)
        const gone = next(first, 'disconnect')
        second.connect(endpoint)
        await gone
        await second.connected(1)
        await router.send(bytes('same', 'to the second'))
        expect(await receiveText(second)).toBe('to the second')
        await second.send(Buffer.from('from the second'))
        expect(await receiveText(router)).toBe('same|from the second')
        expect(router.peers).toHaveLength(1)
      },
      'router-outcomes',
    )

    rule('a peer that comes back has its routing id again', async stage => {
      const router = stage.near('ROUTER')
      const endpoint = await router.bind(stage.transport.fresh())
      for (let life = 0; life < 3; life++) {
        const dealer = stage.far('DEALER', { routingId: 'phoenix' })
        dealer.connect(endpoint)
        await dealer.send(Buffer.from(`life ${life}`))
        expect(await receiveText(router)).toBe(`phoenix|life ${life}`)
        await router.send(bytes('phoenix', 'again'))
        expect(await receiveText(dealer)).toBe('again')
        const gone = next(router, 'disconnect')
        await dealer.close()
        await gone
      }
    })
  })
}

function replyRules(rule: Rule): void {
  describe('REP', () => {
    rule('answers whoever asked, in any order', async stage => {
      const rep = stage.near('REP')
      const reqs = [stage.far('REQ'), stage.far('REQ')]
      await stage.join(rep, ...reqs)
      for (const [index, req] of reqs.entries()) await req.send(bytes('0001', '', `question ${index}`))
      const asked = [await rep.receive(waiting), await rep.receive(waiting)] as Buffer[][]
      for (const question of asked.reverse())
        await rep.send([...question.slice(0, -1), Buffer.from(`to ${question.at(-1)}`)])
      for (const [index, req] of reqs.entries())
        expect(await receiveText(req)).toBe(`0001||to question ${index}`)
    })

    rule(
      'the asker has gone: the reply is dropped and counted',
      async stage => {
        const [rep, req] = [stage.near('REP'), stage.far('REQ')]
        await stage.join(rep, req)
        await req.send(bytes('0001', '', 'question'))
        const question = (await rep.receive(waiting)) as Buffer[]
        const gone = next(rep, 'disconnect')
        await req.close()
        await gone
        await rep.send(question)
        expect(rep.stats().dropped).toEqual({ 'no-peer': 1 })
      },
      'drop-counts',
    )

    rule(
      'the asker is at its mark: the reply is dropped and counted, and send never waits',
      async stage => {
        const rep = stage.near('REP', { sendHighWaterMark: 2 })
        const dealer = stage.far('DEALER', { receiveHighWaterMark: 1 })
        await stage.join(rep, dealer)
        await dealer.send(bytes('', 'question'))
        const [name] = (await rep.receive(waiting)) as Buffer[]
        const answer = [name!, Buffer.alloc(0), LARGE]
        let sent = 0
        while ((rep.stats().dropped['high-water-mark'] ?? 0) === 0) {
          expect(sent++).toBeLessThan(1000)
          await rep.send(answer, { timeout: PATIENCE })
        }
      },
      'drop-counts',
    )

    rule(
      'what has no delimiter is no request: it is dropped and counted',
      async stage => {
        const [rep, router] = [stage.near('REP'), stage.far('DEALER')]
        await stage.join(rep, router)
        await router.send(bytes('question'))
        expect(textsOf(await rep.receive(waiting)).slice(1)).toEqual(['', 'question'])
      },
      'peer-details',
    )
  })
}
