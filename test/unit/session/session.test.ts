/** A session between queues and wire, over a connection in memory. */
import { describe, expect, test } from 'vitest'
import { ProtocolError, SecurityError } from '../../../src/errors.ts'
import type { Verdict } from '../../../src/security/mechanism.ts'
import { encodeCommand } from '../../../src/wire/command.ts'
import { commandBytes, messageBytes, readAll } from '../wire/streams.ts'
import { Meeting } from './meeting.ts'
import { downLevelOpening, foreignOpening, readyFrame } from './sides.ts'

const command = (name: string, data = '') => commandBytes(encodeCommand(name, Buffer.from(data, 'latin1')))

describe('A session', () => {
  test('hands messages from the wire to a queue, and from a queue to the wire', async () => {
    const meeting = new Meeting('DEALER').greet('DEALER')
    meeting.hear(messageBytes(Buffer.from('hello')), messageBytes(Buffer.from('a'), Buffer.from('b')))
    expect(meeting.incoming.take()).toEqual(Buffer.from('hello'))
    expect(meeting.incoming.take()).toEqual([Buffer.from('a'), Buffer.from('b')])
    meeting.outgoing.offer(Buffer.from('answer'))
    expect(await meeting.said()).toEqual([['message', 'answer']])
  })

  test('reads messages that come in one chunk with the end of the handshake', () => {
    const meeting = new Meeting('PULL')
    meeting.hear(Buffer.concat([foreignOpening('PUSH'), messageBytes(Buffer.from('early'))]))
    expect(meeting.incoming.take()).toEqual(Buffer.from('early'))
  })

  test('writes once a tick, however many messages there are', async () => {
    const meeting = new Meeting('PUSH').greet('PULL')
    const before = meeting.connection.writes
    for (let sent = 0; sent < 100; sent++) meeting.outgoing.offer(Buffer.from(String(sent)))
    expect((await meeting.said()).length).toBe(100)
    expect(meeting.connection.writes - before).toBe(1)
  })

  test('returns the credit of messages only when the kernel has them', async () => {
    const meeting = new Meeting('PUSH', { marks: 2 }).greet('PULL')
    meeting.connection.blocked = true
    meeting.outgoing.offer(Buffer.from('1'))
    meeting.outgoing.offer(Buffer.from('2'))
    expect(meeting.outgoing.offer(Buffer.from('3'))).toBe(false)
    await meeting.said()
    expect([meeting.outgoing.length, meeting.log.includes('writable')]).toEqual([2, false])
    meeting.connection.unblock()
    expect([meeting.outgoing.length, meeting.log.includes('writable')]).toEqual([0, true])
  })

  test('writes nothing more while a write is blocked, and everything after', async () => {
    const meeting = new Meeting('PUSH').greet('PULL')
    meeting.connection.blocked = true
    meeting.outgoing.offer(Buffer.from('1'))
    expect(await meeting.said()).toEqual([['message', '1']])
    meeting.outgoing.offer(Buffer.from('2'))
    meeting.outgoing.offer(Buffer.from('3'))
    expect(await meeting.said()).toEqual([])
    meeting.connection.unblock()
    expect(await meeting.said()).toEqual([
      ['message', '2'],
      ['message', '3'],
    ])
  })

  test('stops reading when its queue is full, pauses at the next chunk only, and misses nothing', () => {
    const meeting = new Meeting('PULL', { marks: 2 }).greet('PUSH')
    const numbers = Array.from({ length: 10 }, (_, at) => String(at))
    meeting.hear(Buffer.concat(numbers.slice(0, 5).map(word => messageBytes(Buffer.from(word)))))
    expect([meeting.incoming.unread, meeting.connection.paused]).toEqual([2, false])
    meeting.hear(Buffer.concat(numbers.slice(5).map(word => messageBytes(Buffer.from(word)))))
    expect([meeting.incoming.unread, meeting.connection.paused]).toEqual([2, true])
    const taken = numbers.map(() => String(meeting.incoming.take()))
    expect(taken).toEqual(numbers)
    expect(meeting.connection.paused).toBe(false)
  })

  test('is not led past its mark by chunks that end where a message does', () => {
    const meeting = new Meeting('PULL', { marks: 2 }).greet('PUSH')
    const numbers = Array.from({ length: 50 }, (_, at) => String(at))
    for (const word of numbers) meeting.hear(messageBytes(Buffer.from(word)))
    expect([meeting.incoming.unread, meeting.connection.paused]).toEqual([2, true])
    expect(numbers.map(() => String(meeting.incoming.take()))).toEqual(numbers)
    expect(meeting.connection.paused).toBe(false)
  })

  test('is not led past its mark by what it writes meanwhile', async () => {
    const meeting = new Meeting('DEALER', { marks: 2 }).greet('DEALER')
    for (let heard = 0; heard < 20; heard++) meeting.hear(messageBytes(Buffer.from('in')))
    for (let sent = 0; sent < 10; sent++) {
      meeting.outgoing.offer(Buffer.from('out'))
      await meeting.said()
    }
    expect(meeting.incoming.unread).toBe(2)
  })

  test('answers a PING with its context', async () => {
    const meeting = new Meeting('PULL').greet('PUSH')
    meeting.hear(command('PING', '\0\x64context'))
    expect(await meeting.said()).toEqual([['command', '\x04PONGcontext']])
  })

  test('stops reading a peer that wants more PONGs than it takes', async () => {
    const meeting = new Meeting('PULL').greet('PUSH')
    meeting.connection.blocked = true
    meeting.hear(command('PING', '\0\0first'))
    await meeting.said()
    for (let asked = 0; asked < 1000; asked++) meeting.hear(command('PING', '\0\0more'))
    expect(meeting.connection.paused).toBe(true)
    meeting.connection.unblock()
    let pongs = 0
    for (let said = await meeting.said(); said.length > 0; said = await meeting.said()) pongs += said.length
    expect(pongs).toBe(1000)
    expect(meeting.connection.paused).toBe(false)
  })

  test('ignores commands it does not know, for a later version may have them', () => {
    const meeting = new Meeting('PULL').greet('PUSH')
    meeting.hear(command('FUTURE', 'data'), messageBytes(Buffer.from('x')))
    expect(meeting.incoming.take()).toEqual(Buffer.from('x'))
  })
})

describe('Subscriptions', () => {
  test('go to a 3.1 peer as commands and to a 3.0 peer as messages', async () => {
    for (const minor of [1, 0]) {
      const meeting = new Meeting('SUB').greet('PUB', minor)
      meeting.outgoing.push(Buffer.from('\x01news'))
      meeting.outgoing.push(Buffer.from('\x00news'))
      expect(await meeting.said()).toEqual(
        minor === 1
          ? [
              ['command', '\x09SUBSCRIBEnews'],
              ['command', '\x06CANCELnews'],
            ]
          : [
              ['message', '\x01news'],
              ['message', '\x00news'],
            ],
      )
    }
  })

  test('come to a publisher the same, however they were sent', () => {
    const meeting = new Meeting('XPUB').greet('XSUB')
    meeting.hear(command('SUBSCRIBE', 'a'), messageBytes(Buffer.from('\x01b')), command('CANCEL', 'a'))
    const read = [meeting.incoming.take(), meeting.incoming.take(), meeting.incoming.take()]
    expect(read.map(String)).toEqual(['\x01a', '\x01b', '\x00a'])
  })

  test('are known to have arrived when a PING after them was answered', async () => {
    const meeting = new Meeting('SUB').greet('PUB')
    meeting.outgoing.push(Buffer.from('\x01news'))
    let known = false
    const synced = meeting.session.sync().then(() => {
      known = true
    })
    const [subscription, ping] = await meeting.said()
    expect(subscription).toEqual(['command', '\x09SUBSCRIBEnews'])
    expect(ping![1]!.slice(0, 5)).toBe('\x04PING')
    expect(known).toBe(false)
    meeting.hear(command('PONG', ping![1]!.slice(7)))
    await synced
  })

  test('at a 3.0 peer are taken for arrived when the kernel has them', async () => {
    const meeting = new Meeting('SUB').greet('PUB', 0)
    meeting.outgoing.push(Buffer.from('\x01news'))
    await meeting.session.sync()
    expect(await meeting.said()).toEqual([['message', '\x01news']])
  })

  test('are not known to have arrived when the connection breaks first', async () => {
    const meeting = new Meeting('SUB').greet('PUB')
    meeting.outgoing.push(Buffer.from('\x01news'))
    const synced = meeting.session.sync()
    meeting.connection.handler.closed()
    await expect(synced).rejects.toThrow('lost')
  })
})

describe('A session ends', () => {
  const broken: readonly (readonly [string, Buffer])[] = [
    ['a second READY', readyFrame('PUSH')],
    ['an ERROR', command('ERROR', '\x03bad')],
    ['a subscription at a socket that has none', command('SUBSCRIBE', 'x')],
    ['a PING without its time-to-live', command('PING')],
    ['a PING with a context that is too long', command('PING', 'x'.repeat(19))],
    ['a command without a name', commandBytes(Buffer.alloc(1))],
    ['a reserved flag', Buffer.from([0x08, 0])],
  ]

  test.each(broken)('at %s, with the reason', (_, bytes) => {
    const meeting = new Meeting('PULL').greet('PUSH')
    meeting.hear(bytes)
    expect(meeting.end?.error).toBeInstanceOf(ProtocolError)
    expect(meeting.connection.log).toContain('destroy')
    meeting.hear(bytes)
    meeting.connection.handler.closed()
    expect(meeting.log.filter(line => line === 'ended').length).toBe(1)
  })

  test('at a message that is too large, with what is allowed', () => {
    const meeting = new Meeting('PULL', { options: { maxMessageSize: 100 } }).greet('PUSH')
    meeting.hear(messageBytes(Buffer.alloc(101)))
    expect(meeting.end?.error).toMatchObject({ code: 'MESSAGE_SIZE' })
  })

  test('at a message that is too large, and hands on once what came before it in the same chunk', () => {
    const meeting = new Meeting('PULL', { options: { maxMessageSize: 100 } }).greet('PUSH')
    const good = ['1', '2', '3'].map(word => messageBytes(Buffer.from(word)))
    meeting.hear(Buffer.concat([...good, messageBytes(Buffer.alloc(101))]))
    expect(meeting.end?.error).toMatchObject({ code: 'MESSAGE_SIZE' })
    expect([1, 2, 3, 4].map(() => meeting.incoming.take()?.toString())).toEqual(['1', '2', '3', undefined])
  })

  test('at a message that is too large among those that had to wait, and hands on the others once', () => {
    const meeting = new Meeting('PULL', { marks: 4, options: { maxMessageSize: 100 } }).greet('PUSH')
    for (const word of ['1', '2', '3', '4']) meeting.hear(messageBytes(Buffer.from(word)))
    const [five, six] = [messageBytes(Buffer.from('5')), messageBytes(Buffer.from('6'))]
    meeting.hear(Buffer.concat([five, messageBytes(Buffer.alloc(101)), six]))
    const taken = [1, 2, 3, 4, 5, 6].map(() => meeting.incoming.take()?.toString())
    expect(taken).toEqual(['1', '2', '3', '4', '5', undefined])
    expect(meeting.end?.error).toMatchObject({ code: 'MESSAGE_SIZE' })
  })

  test('and leaves in the queue what was not written, and for the socket what was read', async () => {
    const meeting = new Meeting('DEALER').greet('DEALER')
    meeting.connection.blocked = true
    meeting.outgoing.offer(Buffer.from('written'))
    await meeting.said()
    meeting.outgoing.offer(Buffer.from('waiting'))
    meeting.hear(messageBytes(Buffer.from('heard')))
    meeting.connection.handler.closed(new Error('reset'))
    expect(meeting.log).toEqual(['readable', 'ended'])
    expect(meeting.outgoing.reclaim().map(({ message }) => String(message))).toEqual(['waiting'])
    expect(meeting.incoming.take()).toEqual(Buffer.from('heard'))
    expect(meeting.end).toMatchObject({ possiblyLost: 1, error: { message: 'reset' } })
  })

  test('and hands on what had arrived although the queue was full', () => {
    const meeting = new Meeting('PULL', { marks: 1 }).greet('PUSH')
    for (const word of ['1', '2', '3']) meeting.hear(messageBytes(Buffer.from(word)))
    meeting.connection.handler.ended()
    expect([meeting.incoming.unread, meeting.session.left]).toEqual([1, 6])
    const taken = ['1', '2', '3'].map(() => {
      const message = String(meeting.incoming.take())
      // The socket asks for the rest as its reader comes to it.
      meeting.session.readLeft()
      return message
    })
    expect(taken).toEqual(['1', '2', '3'])
    expect([meeting.incoming.unread, meeting.session.left]).toEqual([0, 0])
  })

  test('and counts nothing as lost that an answered PING has covered', async () => {
    const meeting = new Meeting('PUSH').greet('PULL')
    for (const word of ['1', '2']) meeting.outgoing.offer(Buffer.from(word))
    void meeting.session.sync()
    const ping = (await meeting.said()).at(-1)!
    meeting.hear(command('PONG', ping[1]!.slice(7)))
    meeting.outgoing.offer(Buffer.from('3'))
    await meeting.said()
    meeting.connection.handler.closed()
    expect(meeting.end?.possiblyLost).toBe(1)
  })

  test('only after everything has gone out, when it is the socket that lets go', async () => {
    const meeting = new Meeting('PUSH').greet('PULL')
    for (const word of ['1', '2']) meeting.outgoing.offer(Buffer.from(word))
    meeting.release()
    const [first, second, ping] = readAll([meeting.connection.take()])
    expect([first, second]).toEqual([
      ['message', '1'],
      ['message', '2'],
    ])
    expect(meeting.connection.log).toEqual(['end'])
    meeting.hear(messageBytes(Buffer.from('late')), command('PONG', ping![1]!.slice(7)))
    meeting.connection.handler.closed()
    expect(meeting.end).toEqual({ error: undefined, possiblyLost: 0 })
  })

  test.each([1, 0])('and takes a clean end without a PONG for no proof, of a 3.%i peer', async minor => {
    const meeting = new Meeting('PUSH').greet('PULL', minor)
    for (const word of ['1', '2']) meeting.outgoing.offer(Buffer.from(word))
    meeting.release()
    expect((await meeting.said()).length).toBe(2 + minor)
    meeting.connection.handler.closed()
    expect(meeting.end).toEqual({ error: undefined, possiblyLost: 2 })
  })

  test('without another PING when one is behind its last message already', async () => {
    const meeting = new Meeting('PUSH').greet('PULL')
    meeting.outgoing.offer(Buffer.from('1'))
    void meeting.session.sync().catch(() => {})
    const ping = (await meeting.said())[1]!
    meeting.release()
    expect(await meeting.said()).toEqual([])
    meeting.hear(command('PONG', ping[1]!.slice(7)))
    meeting.connection.handler.closed()
    expect(meeting.end?.possiblyLost).toBe(0)
  })

  test('only after its last PING has gone out, when the connection is blocked', () => {
    const meeting = new Meeting('PUSH').greet('PULL')
    meeting.connection.blocked = true
    meeting.outgoing.offer(Buffer.from('1'))
    meeting.release()
    expect(readAll([meeting.connection.take()])).toEqual([['message', '1']])
    expect(meeting.connection.log).toEqual([])
    meeting.connection.unblock()
    expect(readAll([meeting.connection.take()])[0]![1]).toContain('PING')
    expect(meeting.connection.log).toEqual(['end'])
  })

  test('and answers no PING of a peer whose messages it discards', async () => {
    const meeting = new Meeting('DEALER').greet('DEALER')
    meeting.connection.blocked = true
    meeting.outgoing.offer(Buffer.from('1'))
    meeting.release()
    meeting.hear(messageBytes(Buffer.from('late')), command('PING', '\0\0context'))
    meeting.connection.unblock()
    const said = await meeting.said()
    expect(said.map(([, text]) => text.slice(1, 5))).toEqual(['', 'PING'])
  })
})

describe('A peer that is not let in', () => {
  test('is told why, and the session ends when it leaves', () => {
    const meeting = new Meeting('PULL')
    meeting.objection = 'not today'
    meeting.hear(foreignOpening('PUSH'))
    expect(meeting.connection.take().includes('\x05ERROR\x09not today')).toBe(true)
    expect(meeting.connection.log).toEqual(['end'])
    meeting.connection.handler.closed()
    expect(meeting.end?.error).toMatchObject({ code: 'PROTOCOL', fatal: true })
    expect(meeting.identity).toBeUndefined()
  })

  test('by a verdict is told its status and nothing else', () => {
    const meeting = new Meeting('PULL', { verdict: { status: 400, reason: 'secret reason' } })
    meeting.hear(foreignOpening('PUSH'))
    const said = meeting.connection.take()
    expect([said.includes('400'), said.includes('secret')]).toEqual([true, false])
    meeting.connection.handler.closed()
    expect(meeting.end?.error).toBeInstanceOf(SecurityError)
  })

  test('of ZMTP 2.0 is asked for like any other', () => {
    const meeting = new Meeting('PULL', { verdict: { status: 400, reason: 'no' } })
    meeting.hear(downLevelOpening(8))
    meeting.hear(messageBytes(Buffer.from('sneaked in')))
    expect(meeting.identity).toBeUndefined()
    meeting.connection.handler.closed()
    expect(meeting.end?.error).toBeInstanceOf(SecurityError)
  })

  test('of ZMTP 2.0 and a type that may not talk to ours is left without an ERROR, which it would not understand', () => {
    const meeting = new Meeting('PULL')
    meeting.hear(downLevelOpening(1))
    expect(meeting.connection.take().includes('ERROR')).toBe(false)
    expect(meeting.connection.log).toEqual(['end'])
    meeting.connection.handler.closed()
    expect(meeting.end?.error?.message).toContain('may not talk to a PUB')
  })

  test('waits, unread, for a verdict that takes its time', async () => {
    let decide = (_: Verdict): void => {}
    const verdict = new Promise<Verdict>(resolve => {
      decide = resolve
    })
    const meeting = new Meeting('PULL', { verdict })
    meeting.hear(Buffer.concat([foreignOpening('PUSH'), messageBytes(Buffer.from('early'))]))
    expect(meeting.identity).toBeUndefined()
    decide({ status: 200, userId: 'ann' })
    await verdict
    await meeting.said().catch(() => [])
    expect(meeting.identity?.userId).toBe('ann')
    expect(meeting.incoming.take()).toEqual(Buffer.from('early'))
  })

  test('because it has left meanwhile leaves no trace', async () => {
    let decide = (_: Verdict): void => {}
    const verdict = new Promise<Verdict>(resolve => {
      decide = resolve
    })
    const meeting = new Meeting('PULL', { verdict })
    meeting.hear(foreignOpening('PUSH'))
    meeting.connection.handler.closed()
    decide({ status: 200 })
    await verdict
    expect([meeting.identity, meeting.log]).toEqual([undefined, ['ended']])
  })

  test('because it says nothing is given up when its time is over', async () => {
    const meeting = new Meeting('PULL', { options: { handshakeTimeout: 1 } })
    const ended = new Promise<void>(resolve => {
      meeting.sessionEnded = (_, end) => {
        meeting.end = end
        resolve()
      }
    })
    // The handshake's timer does not keep the process alive.
    const alive = setTimeout(() => {}, 10_000)
    await ended
    clearTimeout(alive)
    expect(meeting.end?.error).toMatchObject({ code: 'TIMEOUT' })
  })
})
