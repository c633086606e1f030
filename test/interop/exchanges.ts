/** What is said between each legal pair of socket types: our class on one side, a foreign socket on the other. */
import { expect } from 'vitest'
import {
  Dealer,
  type Message,
  messageOf,
  Pair,
  Publisher,
  Pull,
  Push,
  partsOf,
  Reply,
  Request,
  Router,
  raw,
  type Socket,
  Subscriber,
  XPublisher,
  XSubscriber,
} from '../../src/index.ts'
import type { ForeignOptions, ForeignSocket, Parts } from './foreign.ts'

export interface Exchange {
  readonly ours: string
  readonly theirs: string
  /** What their socket needs beside an endpoint. */
  readonly options?: ForeignOptions
  /** Bodies whose parts may be empty would be read as envelopes. */
  readonly plainOnly?: boolean
  open(): Socket
  /** Sends every body over, each way the pair allows. */
  run(ours: Socket, theirs: ForeignSocket, bodies: readonly Parts[]): Promise<void>
}

const TOPIC = 'news'

/** One row, with our socket's class known to `run`. */
function row<S extends Socket>(
  ours: string,
  theirs: string,
  open: () => S,
  run: (ours: S, theirs: ForeignSocket, bodies: readonly Parts[]) => Promise<void>,
  more: Pick<Exchange, 'options' | 'plainOnly'> = {},
): Exchange {
  return { ours, theirs, open, run: (socket, ...rest) => run(socket as S, ...rest), ...more }
}

/** Whole frames are compared as buffers: what differs is then told by length, not by megabytes of text. */
export function same(received: Message | Parts, sent: Parts): void {
  const parts = partsOf(received as Message)
  expect(parts.map(part => part.length)).toEqual(sent.map(part => part.length))
  for (const [at, part] of parts.entries())
    expect(Buffer.from(part).equals(sent[at]!), `part ${at}`).toBe(true)
}

const topic = Buffer.from(TOPIC)

async function publish(
  ours: Publisher<object, Message> | XPublisher<object, Message>,
  theirs: ForeignSocket,
  bodies: readonly Parts[],
): Promise<void> {
  for (const body of bodies) {
    // libzmq takes a new peer, and sends it subscriptions, only while its application calls it.
    const received = theirs.receive()
    await ours.waitForSubscribers(1, TOPIC)
    await ours.send('other', Buffer.from('not for this peer'))
    await ours.send(TOPIC, messageOf(body))
    same(await received, [topic, ...body])
  }
}

async function subscribe(
  ours: Subscriber<object, Message> | XSubscriber<object, Message>,
  theirs: ForeignSocket,
  bodies: readonly Parts[],
): Promise<void> {
  await ours.ready()
  if (ours.peers.some(({ protocol }) => protocol === '2.0')) await overheard(ours, theirs)
  for (const body of bodies) {
    await theirs.send([Buffer.from('other'), Buffer.from('not for us')])
    await theirs.send([topic, ...body])
    const received = await ours.receive()
    expect(received.topic).toBe(TOPIC)
    same(received.value as Message, body)
  }
}

/**
 * A publisher of ZMTP 2.0 cannot say when it has taken a subscription, so `ready` knows no more than that it was sent.
 * Numbered messages show it: the first may be missed, but none after one that came.
 */
async function overheard(
  ours: Subscriber<object, Message> | XSubscriber<object, Message>,
  theirs: ForeignSocket,
): Promise<void> {
  const number = async () => {
    const { value } = await ours.receive()
    return Number(Buffer.from(value as Uint8Array).toString())
  }
  let sent = 0
  const send = () => theirs.send([topic, Buffer.from(String(++sent))]).then(() => undefined)
  const first = number()
  let heard: number | undefined
  while (heard === undefined) heard = await Promise.race([first, send()])
  while (heard < sent) expect(await number()).toBe(++heard)
}

const subscriber = <S extends Subscriber<object, Message> | XSubscriber<object, Message>>(socket: S): S => {
  socket.subscribe(TOPIC)
  return socket
}

async function bothWays(
  ours: Dealer<Message, Message> | Pair<Message>,
  theirs: ForeignSocket,
  bodies: readonly Parts[],
): Promise<void> {
  for (const body of bodies) {
    await ours.send(messageOf(body))
    same(await theirs.receive(), body)
    await theirs.send(body)
    same(await ours.receive(), body)
  }
}

export const EXCHANGES: readonly Exchange[] = [
  row(
    'Push',
    'PULL',
    () => new Push({ codec: raw }),
    async (push, pull, bodies) => {
      for (const body of bodies) await push.send(messageOf(body))
      for (const body of bodies) same(await pull.receive(), body)
    },
  ),
  row(
    'Pull',
    'PUSH',
    () => new Pull({ codec: raw }),
    async (pull, push, bodies) => {
      for (const body of bodies) await push.send(body)
      for (const body of bodies) same(await pull.receive(), body)
    },
  ),
  row('Publisher', 'SUB', () => new Publisher({ codec: raw }), publish, { options: { subscribe: TOPIC } }),
  row('Publisher', 'XSUB', () => new Publisher({ codec: raw }), publish, { options: { subscribe: TOPIC } }),
  row('Subscriber', 'PUB', () => subscriber(new Subscriber({ codec: raw })), subscribe),
  row(
    'Subscriber',
    'XPUB',
    () => subscriber(new Subscriber({ codec: raw })),
    async (sub, pub, bodies) => {
      same(await pub.receive(), [Buffer.from(`\x01${TOPIC}`)])
      await subscribe(sub, pub, bodies)
      sub.unsubscribe(TOPIC)
      same(await pub.receive(), [Buffer.from(`\x00${TOPIC}`)])
    },
  ),
  row(
    'XPublisher',
    'SUB',
    () => new XPublisher({ codec: raw }),
    async (pub, sub, bodies) => {
      await publish(pub, sub, bodies)
      expect(await pub.receive()).toEqual({ kind: 'subscribe', topic: TOPIC })
    },
    { options: { subscribe: TOPIC } },
  ),
  row(
    'XPublisher',
    'XSUB',
    () => new XPublisher({ codec: raw }),
    async (pub, sub, bodies) => {
      await publish(pub, sub, bodies)
      expect(await pub.receive()).toEqual({ kind: 'subscribe', topic: TOPIC })
      await sub.send([Buffer.from('upstream')])
      expect(await pub.receive()).toEqual({ kind: 'message', value: Buffer.from('upstream') })
    },
    { options: { subscribe: TOPIC } },
  ),
  row('XSubscriber', 'PUB', () => subscriber(new XSubscriber({ codec: raw })), subscribe),
  row(
    'XSubscriber',
    'XPUB',
    () => subscriber(new XSubscriber({ codec: raw })),
    async (sub, pub, bodies) => {
      same(await pub.receive(), [Buffer.from(`\x01${TOPIC}`)])
      await subscribe(sub, pub, bodies)
      await sub.send(Buffer.from('upstream'))
      same(await pub.receive(), [Buffer.from('upstream')])
    },
  ),
  row(
    'Request',
    'REP',
    () => new Request({ codec: raw }),
    async (request, reply, bodies) => {
      for (const body of bodies) {
        const answer = request.request(messageOf(body))
        same(await reply.receive(), body)
        await reply.send(body)
        same(await answer, body)
      }
    },
  ),
  row(
    'Request',
    'ROUTER',
    () => new Request({ codec: raw }),
    async (request, router, bodies) => {
      for (const body of bodies) {
        const answers = [request.request(messageOf(body)), request.request(messageOf(body))]
        const asked = [await router.receive(), await router.receive()]
        // Answered the other way round: each finds its request by its id.
        for (const whole of asked.reverse()) {
          const delimiter = whole.findIndex((part, at) => at > 0 && part.length === 0)
          same(whole.slice(delimiter + 1), body)
          await router.send(whole)
        }
        for (const answer of answers) same(await answer, body)
      }
    },
  ),
  row(
    'Reply',
    'REQ',
    () => new Reply({ codec: raw }),
    async (reply, request, bodies) => {
      for (const body of bodies) {
        await request.send(body)
        const asked = await reply.receive()
        same(asked.value as Message, body)
        await asked.reply(messageOf(body))
        same(await request.receive(), body)
      }
    },
  ),
  row(
    'Reply',
    'DEALER',
    () => new Reply({ codec: raw }),
    async (reply, dealer, bodies) => {
      for (const body of bodies) {
        const envelope = [Buffer.from('one'), Buffer.from('two'), Buffer.alloc(0)]
        for (const head of [[Buffer.alloc(0)], envelope]) {
          await dealer.send([...head, ...body])
          const asked = await reply.receive()
          same(asked.value as Message, body)
          await asked.reply(messageOf(body))
          same(await dealer.receive(), [...head, ...body])
        }
      }
    },
  ),
  row('Dealer', 'REP', () => new Dealer<Message, Message>({ codec: raw }), bothWays, { plainOnly: true }),
  row('Dealer', 'DEALER', () => new Dealer<Message, Message>({ codec: raw }), bothWays),
  row(
    'Dealer',
    'ROUTER',
    () => new Dealer<Message, Message>({ codec: raw, routingId: 'ours' }),
    async (dealer, router, bodies) => {
      for (const body of bodies) {
        await dealer.send(messageOf(body))
        same(await router.receive(), [Buffer.from('ours'), ...body])
        await router.send([Buffer.from('ours'), ...body])
        same(await dealer.receive(), body)
      }
    },
  ),
  row(
    'Router',
    'REQ',
    () => new Router<Message, Message>({ codec: raw }),
    async (router, request, bodies) => {
      for (const body of bodies) {
        await request.send(body)
        const { peer, envelope, value } = await router.receive()
        expect(Buffer.from(peer).toString()).toBe('theirs')
        same(value, body)
        await router.send(peer, messageOf(body), envelope)
        same(await request.receive(), body)
      }
    },
    { options: { routingId: 'theirs' } },
  ),
  row(
    'Router',
    'DEALER',
    () => new Router<Message, Message>({ codec: raw }),
    async (router, dealer, bodies) => {
      for (const body of bodies) {
        await dealer.send(body)
        const { peer, value } = await router.receive()
        // A peer without a name gets one of five bytes, the first of them zero (RFC 28).
        expect([peer.length, peer[0]]).toEqual([5, 0])
        same(value, body)
        await router.send(peer, messageOf(body))
        same(await dealer.receive(), body)
      }
    },
  ),
  row(
    'Router',
    'ROUTER',
    () => new Router<Message, Message>({ codec: raw, routingId: 'ours' }),
    async (ours, theirs, bodies) => {
      for (const body of bodies) {
        await ours.send('theirs', messageOf(body))
        same(await theirs.receive(), [Buffer.from('ours'), ...body])
        await theirs.send([Buffer.from('ours'), ...body])
        const { peer, value } = await ours.receive()
        expect(Buffer.from(peer).toString()).toBe('theirs')
        same(value, body)
      }
    },
    { options: { routingId: 'theirs' } },
  ),
  row('Pair', 'PAIR', () => new Pair<Message>({ codec: raw }), bothWays),
]
