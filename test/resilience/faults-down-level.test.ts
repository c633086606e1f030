/** Peers of ZMTP 3.0 and 2.0, made of bytes, for every pattern that they have; older ones are refused by name. */
import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { defaultEngine } from '../../src/engine/default.ts'
import { type Message, partsOf } from '../../src/message.ts'
import { completeOptions } from '../../src/options.ts'
import type { SocketType } from '../../src/socket-type.ts'
import { type WholeSocket, whole } from '../support/whole.ts'
import { downLevelOpening, foreignOpening } from '../unit/session/sides.ts'
import { messageBytes } from '../unit/wire/streams.ts'

/** RFC 15, "The Greeting". */
const NUMBERS: Partial<Record<SocketType, number>> = {
  PAIR: 0,
  PUB: 1,
  SUB: 2,
  REQ: 3,
  REP: 4,
  DEALER: 5,
  ROUTER: 6,
  PULL: 7,
  PUSH: 8,
  XPUB: 9,
  XSUB: 10,
}

/** Ours, and each peer it may have. */
const PAIRS: readonly (readonly [SocketType, SocketType])[] = [
  ['PULL', 'PUSH'],
  ['PUSH', 'PULL'],
  ['PUB', 'SUB'],
  ['PUB', 'XSUB'],
  ['XPUB', 'SUB'],
  ['SUB', 'PUB'],
  ['XSUB', 'XPUB'],
  ['REP', 'REQ'],
  ['REP', 'DEALER'],
  ['ROUTER', 'REQ'],
  ['ROUTER', 'DEALER'],
  ['DEALER', 'ROUTER'],
  ['DEALER', 'REP'],
  ['REQ', 'REP'],
  ['PAIR', 'PAIR'],
]

class OldPeer {
  readonly socket: Socket
  #read = Buffer.alloc(0)

  constructor(endpoint: string) {
    this.socket = connect(Number(endpoint.split(':').at(-1)), '127.0.0.1')
    this.socket.on('error', () => {})
    this.socket.on('data', chunk => {
      this.#read = Buffer.concat([this.#read, chunk])
      this.socket.emit('more')
    })
  }

  /** Resolves with all that was read, once it holds these bytes. */
  async until(bytes: Buffer): Promise<Buffer> {
    while (!this.#read.includes(bytes)) await new Promise(resolve => this.socket.once('more', resolve))
    return this.#read
  }
}

function opened(type: SocketType): WholeSocket {
  return whole(
    defaultEngine.open(type, {
      ...completeOptions({ linger: 0, heartbeatInterval: 5 }),
      security: undefined,
      authenticate: undefined,
    }),
  )
}

const REQUEST = [Buffer.from([0, 0, 0, 9]), Buffer.alloc(0), Buffer.from('question')]

/** What the peer says so that ours has something to receive; undefined where that pattern receives nothing. */
function said(peer: SocketType): Buffer | undefined {
  if (peer === 'SUB' || peer === 'XSUB') return messageBytes(Buffer.from('\x01news'))
  if (peer === 'PULL' || peer === 'REP' || peer === 'ROUTER') return undefined
  if (peer === 'REQ' || peer === 'DEALER') return messageBytes(...REQUEST)
  return messageBytes(Buffer.from('news'), Buffer.from('from afar'))
}

/** What ours sends; undefined where the pattern only receives. */
function answer(type: SocketType, received: Message | undefined): Message | undefined {
  if (type === 'PULL' || type === 'SUB') return undefined
  if (type === 'XSUB') return Buffer.from('\x01more')
  if (type === 'PUB' || type === 'XPUB') return [Buffer.from('news'), Buffer.from('answer')]
  if (type === 'REP' || type === 'ROUTER')
    return [partsOf(received!)[0]!, ...REQUEST.slice(0, 2), Buffer.from('answer')]
  if (type === 'REQ') return [...REQUEST.slice(0, 2), Buffer.from('answer')]
  return Buffer.from('answer')
}

describe.each(['3.0', '2.0'] as const)('With a peer of ZMTP %s', protocol => {
  test.each(PAIRS)('a %s talks to a %s', async (type, peer) => {
    const socket = opened(type)
    try {
      socket.subscribe?.(Buffer.alloc(0))
      const endpoint = await socket.bind('tcp://127.0.0.1:0')
      const old = new OldPeer(endpoint)
      const opening =
        protocol === '2.0' ? downLevelOpening(NUMBERS[peer]!, 'old') : foreignOpening(peer, { minor: 0 })
      old.socket.write(opening)
      await socket.connected(1)
      expect(socket.peers).toMatchObject([{ protocol, socketType: peer }])
      const words = said(peer)
      if (words !== undefined) old.socket.write(words)
      let received: Message | undefined
      if (peer === 'SUB' || peer === 'XSUB') await socket.subscribed!(1, Buffer.from('news'))
      else if (words !== undefined) received = await socket.receive()
      if (type === 'PULL' || type === 'SUB') expect(String(partsOf(received!).at(-1))).toBe('from afar')
      const reply = answer(type, received)
      if (reply !== undefined) await socket.send(reply)
      const last = type === 'XSUB' ? Buffer.from('\x01more') : Buffer.from('answer')
      const heard = reply === undefined ? Buffer.alloc(0) : await old.until(last)
      if (type === 'SUB') {
        // A subscription is a message to older peers, never a command.
        await old.until(messageBytes(Buffer.from('\x01')))
      }
      if (type === 'REQ') {
        // Flag and length of the three parts stand between: id, delimiter, body.
        const id = heard.subarray(heard.indexOf('answer') - 8, heard.indexOf('answer') - 4)
        old.socket.write(messageBytes(id, Buffer.alloc(0), Buffer.from('done')))
        expect(String(partsOf(await socket.receive()).at(-1))).toBe('done')
      }
      for (const command of ['PING', 'SUBSCRIBE']) expect(heard.includes(`\x04${command}`)).toBe(false)
      if (protocol === '2.0') expect(heard.includes('READY')).toBe(false)
      old.socket.destroy()
    } finally {
      await socket.close()
    }
  })
})

describe('A peer of ZMTP 1.0', () => {
  test.each([
    ['with an empty identity', Buffer.from('0100' + '0005', 'hex'), /first byte is 0x1/],
    [
      'with a long identity',
      Buffer.from('ff00000000000000040061626364', 'hex'),
      /ZMTP 1.0; 2.0 or later is needed/,
    ],
    [
      'that says version 0',
      Buffer.from('ff00000000000000017f0008', 'hex'),
      /ZMTP 1.0; 2.0 or later is needed/,
    ],
  ])('%s is refused with an event that says so', async (_, bytes, reason) => {
    const socket = opened('PULL')
    try {
      const endpoint = await socket.bind('tcp://127.0.0.1:0')
      const failed = new Promise<Error>(resolve =>
        socket.events.once('handshake:failed', ({ error }) => resolve(error)),
      )
      const old = new OldPeer(endpoint)
      old.socket.write(bytes)
      expect((await failed).message).toMatch(reason)
      old.socket.destroy()
    } finally {
      await socket.close()
    }
  })
})
