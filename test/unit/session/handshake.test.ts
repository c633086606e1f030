/** The handshake machine: both roles, peers of every version, and those that may not talk to us. */
import { describe, expect, test } from 'vitest'
import { ProtocolError, SecurityError } from '../../../src/errors.ts'
import { SOCKET_TYPES } from '../../../src/socket-type.ts'
import { encodeCommand } from '../../../src/wire/command.ts'
import { encodeFrame, FLAG_COMMAND } from '../../../src/wire/frame.ts'
import { converse, downLevelOpening, foreignOpening, pieces, readyFrame, Side } from './sides.ts'

/** RFC 15: the numbers of PUSH, PULL and ROUTER. */
const [DOWN_LEVEL_PULL, DOWN_LEVEL_PUSH, DOWN_LEVEL_ROUTER] = [7, 8, 6]

describe('A NULL handshake', () => {
  test('makes the two sides known to each other, whatever the chunks', () => {
    for (const size of [1, 2, 3, 11, 12, 63, 64, 65, 1000]) {
      const dialler = new Side({ type: 'DEALER', accepted: false, routingId: 'me' })
      const listener = new Side({ type: 'ROUTER', accepted: true })
      converse(dialler, listener, size)
      expect(dialler.peer, `chunks of ${size}`).toMatchObject({
        socketType: 'ROUTER',
        protocol: '3.1',
        userId: undefined,
      })
      expect(listener.peer?.socketType).toBe('DEALER')
      expect(Buffer.from(listener.peer!.routingId).toString()).toBe('me')
    }
  })

  test('succeeds for the legal pairs of RFC 37 and fails, for good, for all others', () => {
    const legal: Record<string, string[]> = {
      PUSH: ['PULL'],
      PULL: ['PUSH'],
      PUB: ['SUB', 'XSUB'],
      SUB: ['PUB', 'XPUB'],
      XPUB: ['SUB', 'XSUB'],
      XSUB: ['PUB', 'XPUB'],
      REQ: ['REP', 'ROUTER'],
      REP: ['REQ', 'DEALER'],
      DEALER: ['REP', 'DEALER', 'ROUTER'],
      ROUTER: ['REQ', 'DEALER', 'ROUTER'],
      PAIR: ['PAIR'],
    }
    for (const own of SOCKET_TYPES) {
      for (const type of SOCKET_TYPES) {
        const side = new Side({ type: own, accepted: true })
        side.feed(foreignOpening(type))
        if (legal[own]!.includes(type)) expect(side.peer?.socketType).toBe(type)
        else
          expect(() => side.handshake.identity()).toThrow(`a ${own} socket may not talk to a ${type} socket`)
      }
    }
  })

  test('names an illegal peer as fatal, so that dialling again soon is known to be useless', () => {
    for (const type of ['PUB', 'STREAM', 'pull', '', 'PULL\0']) {
      const side = new Side({ type: 'PUSH', accepted: true })
      side.feed(foreignOpening(type))
      expect(() => side.handshake.identity(), type).toThrow(expect.objectContaining({ fatal: true }))
    }
  })

  test('lets the listener speak its READY only after its verdict', () => {
    const side = new Side({ type: 'PULL', accepted: true, verdict: { status: 400, reason: 'no' } })
    side.said()
    side.feed(foreignOpening('PUSH'))
    expect(side.asked).toBe(1)
    expect(side.peer).toBeUndefined()
    const said = side.said()
    expect(said.includes('READY')).toBe(false)
    expect(said.includes('\x05ERROR\x03400')).toBe(true)
  })

  test('puts the user id of the verdict on the peer', () => {
    const side = new Side({ type: 'PULL', accepted: true, verdict: { status: 200, userId: 'ann' } })
    side.feed(foreignOpening('PUSH'))
    expect(side.peer?.userId).toBe('ann')
  })

  test('reads the whole opening of a peer however it is cut', () => {
    const opening = foreignOpening('PUSH', { identity: Buffer.from('id') })
    for (let at = 0; at <= opening.length; at++) {
      const side = new Side({ type: 'PULL', accepted: true })
      side.feed(opening.subarray(0, at))
      side.feed(opening.subarray(at))
      expect(side.peer?.socketType, `cut at ${at}`).toBe('PUSH')
    }
  })

  test('shows metadata by lower-case name', () => {
    const side = new Side({ type: 'PULL', accepted: true })
    side.feed(foreignOpening('PUSH'))
    expect([...side.peer!.metadata.keys()]).toEqual(['socket-type', 'identity'])
  })
})

describe('A peer that breaks the rules of a handshake', () => {
  const greeted = () => {
    const side = new Side({ type: 'PULL', accepted: true })
    side.feed(foreignOpening('PUSH').subarray(0, 64))
    return side
  }
  const command = (name: string, data = '') =>
    encodeFrame(FLAG_COMMAND, encodeCommand(name, Buffer.from(data, 'latin1')))

  test('is refused for any command but READY, and for a second READY', () => {
    for (const name of ['HELLO', 'INITIATE', 'PING', 'SUBSCRIBE', 'ready']) {
      expect(() => greeted().feed(command(name)), name).toThrow(ProtocolError)
    }
    const side = greeted()
    side.feed(readyFrame('PUSH'))
    expect(() => side.feed(readyFrame('PUSH'))).toThrow(ProtocolError)
  })

  test('is refused for a message before the handshake is over', () => {
    expect(() => greeted().feed(encodeFrame(0, Buffer.from('early')))).toThrow(ProtocolError)
  })

  test('is refused for metadata that do not parse', () => {
    expect(() => greeted().feed(command('READY', '\x0bSocket-Type\0\0\0\x09PUSH'))).toThrow(ProtocolError)
  })

  test('is refused for an identity that no socket may have', () => {
    for (const identity of [Buffer.from([0, 1]), Buffer.alloc(256, 'x')]) {
      const side = new Side({ type: 'ROUTER', accepted: true })
      side.feed(foreignOpening('DEALER', { identity }))
      expect(() => side.handshake.identity()).toThrow(ProtocolError)
    }
  })

  test('is refused for a handshake over the size that is allowed', () => {
    const big = foreignOpening('PUSH', { identity: Buffer.alloc(17 * 1024) })
    expect(() => new Side({ type: 'PULL', accepted: true }).feed(big)).toThrow('are allowed')
  })

  test('that names another mechanism is refused with both names', () => {
    const side = new Side({ type: 'PULL', accepted: true })
    const opening = foreignOpening('PUSH', { mechanism: 'CURVE' })
    expect(() => side.feed(opening)).toThrow(SecurityError)
    expect(() => new Side({ type: 'PULL', accepted: true }).feed(opening)).toThrow(
      'the peer uses the mechanism CURVE, this socket NULL',
    )
  })

  test('that refuses us is believed: its status and its words are in the error', () => {
    const refusedWith = (reason: string) => {
      const side = new Side({ type: 'PUSH', accepted: false })
      side.feed(foreignOpening('PULL').subarray(0, 64))
      return () => side.feed(command('ERROR', `${String.fromCharCode(reason.length)}${reason}`))
    }
    expect(refusedWith('400')).toThrow(expect.objectContaining({ code: 'SECURITY', status: 400 }))
    expect(refusedWith('go away')).toThrow('go away')
  })
})

describe('A handshake with an older peer', () => {
  test('of ZMTP 3.0 says so on the peer', () => {
    const side = new Side({ type: 'PUB', accepted: true })
    side.feed(foreignOpening('SUB', { minor: 0 }))
    expect(side.peer?.protocol).toBe('3.0')
  })

  test('of ZMTP 2.0 is four short pieces each way (RFC 15)', () => {
    for (const size of [1, 5, 11, 12, 100]) {
      const side = new Side({ type: 'PUSH', accepted: false, routingId: 'me' })
      expect(side.said()).toEqual(Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3]))
      for (const chunk of pieces(downLevelOpening(DOWN_LEVEL_PULL, 'you'), size)) side.feed(chunk)
      expect(side.said()).toEqual(Buffer.from([DOWN_LEVEL_PUSH, 0, 2, ...Buffer.from('me')]))
      expect(side.peer).toMatchObject({ socketType: 'PULL', protocol: '2.0' })
      expect(Buffer.from(side.peer!.routingId).toString()).toBe('you')
    }
  })

  test('of ZMTP 2.0 does not wait for its socket type before it gives ours: both might', () => {
    const side = new Side({ type: 'PUSH', accepted: true })
    side.said()
    side.feed(downLevelOpening(DOWN_LEVEL_PULL).subarray(0, 11))
    expect(side.said()).toEqual(Buffer.from([DOWN_LEVEL_PUSH, 0, 0]))
  })

  test('of ZMTP 2.0 fails for an illegal pair and for a type that does not exist', () => {
    const illegal = new Side({ type: 'PUSH', accepted: true })
    illegal.feed(downLevelOpening(DOWN_LEVEL_ROUTER))
    expect(() => illegal.handshake.identity()).toThrow('may not talk to a ROUTER')
    const unknown = new Side({ type: 'PUSH', accepted: true })
    expect(() => unknown.feed(downLevelOpening(11))).toThrow('no socket type of ZMTP 2.0')
  })

  test('of ZMTP 2.0 fails when it sends a command, which that version lacks', () => {
    const side = new Side({ type: 'PUSH', accepted: true })
    side.feed(downLevelOpening(DOWN_LEVEL_PULL).subarray(0, 12))
    expect(() => side.feed(readyFrame('PULL'))).toThrow(ProtocolError)
  })

  test('of ZMTP 2.0 asks for a verdict like any other: an old version is no way round it', () => {
    const verdict = { status: 400, reason: 'no' } as const
    const refusing = new Side({ type: 'PULL', accepted: true, verdict })
    refusing.feed(downLevelOpening(DOWN_LEVEL_PUSH))
    expect(refusing.asked).toBe(1)
    expect(refusing.peer).toBeUndefined()
    const accepting = new Side({ type: 'PULL', accepted: true, verdict: { status: 200, userId: 'ann' } })
    accepting.feed(downLevelOpening(DOWN_LEVEL_PUSH))
    expect(accepting.peer?.userId).toBe('ann')
  })

  test('of ZMTP 1.0, or with something that is no peer at all, fails at its first bytes', () => {
    const v1 = Buffer.from([0x01, 0x00])
    expect(() => new Side({ type: 'PULL', accepted: true }).feed(v1)).toThrow(ProtocolError)
    const http = Buffer.from('GET / HTTP/1.1\r\n\r\n')
    expect(() => new Side({ type: 'PULL', accepted: true }).feed(http)).toThrow('not a ZMTP peer')
  })
})
