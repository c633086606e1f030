/** A socket of any type as the commands use it: line messages in and out. */
import {
  Dealer,
  type OperationOptions,
  Pair,
  Publisher,
  Pull,
  Push,
  Router,
  type Socket,
  Subscriber,
} from '../index.ts'
import { settingsOf } from './command-socket.ts'
import type { Format } from './format.ts'
import type { LineMessage } from './line-message.ts'
import type { MessageOptions } from './options.ts'

type Parts = readonly unknown[]

export interface LineSocket {
  readonly socket: Socket
  readonly send?: (message: LineMessage, options: OperationOptions) => Promise<void>
  /** Resolves with 1 to `max` messages. */
  readonly receive?: (max: number, options: OperationOptions) => Promise<LineMessage[]>
  /** Resolves once a message would reach `count` peers. Default: once they are connected. */
  readonly ready?: (count: number, options: OperationOptions) => Promise<void>
}

export type LineSocketType = 'push' | 'pull' | 'pub' | 'sub' | 'dealer' | 'router' | 'pair'

export function openLineSocket(type: LineSocketType, { codec }: Format, options: MessageOptions): LineSocket {
  const settings = { ...settingsOf(options), codec }
  switch (type) {
    case 'push':
      return sending(new Push<Parts>(settings))
    case 'pull':
      return receiving(new Pull<Parts>(settings))
    case 'dealer': {
      const dealer = new Dealer<Parts, Parts>(settings)
      return { ...receiving(dealer), ...sending(dealer) }
    }
    case 'pair': {
      const pair = new Pair<Parts, Parts>(settings)
      return { ...receiving(pair), ...sending(pair) }
    }
    case 'pub': {
      const pub = new Publisher<object, Parts>(settings)
      return {
        socket: pub,
        send: ({ head, parts }, operation) => pub.send(head!, parts, operation),
        ready: (count, operation) => pub.waitForSubscribers(count, undefined, operation),
      }
    }
    case 'sub': {
      const sub = new Subscriber<object, Parts>(settings)
      sub.subscribe(...(options.subscribe ?? []))
      return {
        socket: sub,
        receive: async (max, operation) =>
          (await sub.receiveMany(max, operation)).map(({ topic, value }) => ({ head: topic, parts: value })),
      }
    }
    case 'router':
      return routing(new Router<Parts, Parts>({ ...settings, onFull: 'wait' }))
  }
}

function sending(socket: Push<Parts> | Dealer<Parts, Parts> | Pair<Parts>): LineSocket {
  return { socket, send: ({ parts }, options) => socket.send(parts, options) }
}

function receiving(socket: Pull<Parts> | Dealer<Parts, Parts> | Pair<Parts>): LineSocket {
  const receive: LineSocket['receive'] = async (max, options) =>
    (await socket.receiveMany(max, options)).map(parts => ({ head: undefined, parts }))
  return { socket, receive }
}

/** Peers whose last envelope is kept for the answer. */
const MAX_ENVELOPES = 10_000

/** What is sent to a peer goes behind the envelope of its last message. */
function routing(router: Router<Parts, Parts>): LineSocket {
  const envelopes = new Map<string, readonly Uint8Array[]>()
  return {
    socket: router,
    send: ({ head, parts }, options) => router.send(peerOf(head!), parts, envelopes.get(head!), options),
    receive: async (max, options) =>
      (await router.receiveMany(max, options)).map(({ peer, envelope, value }) => {
        const head = nameOf(peer)
        envelopes.delete(head)
        envelopes.set(head, envelope)
        if (envelopes.size > MAX_ENVELOPES) envelopes.delete(envelopes.keys().next().value!)
        return { head, parts: value }
      }),
  }
}

/** A routing id that is printable is shown as it is, any other as 0x and hex digits. */
function nameOf(peer: Uint8Array): string {
  const bytes = Buffer.from(peer)
  const text = bytes.toString('latin1')
  return /^(?!0x)[\x21-\x7e]+$/.test(text) ? text : `0x${bytes.toString('hex')}`
}

function peerOf(name: string): Buffer {
  return /^0x([0-9a-f]{2})+$/i.test(name) ? Buffer.from(name.slice(2), 'hex') : Buffer.from(name)
}
