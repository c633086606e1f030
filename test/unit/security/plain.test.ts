import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { OptionError, ProtocolError, SecurityError } from '../../../src/errors.ts'
import type { Mechanism } from '../../../src/security/mechanism.ts'
import { plain, plainServer } from '../../../src/security/plain.ts'
import { decodeCommand, encodeCommand } from '../../../src/wire/command.ts'
import { fc } from '../../support/property.ts'
import { CONTEXT, converse, REPORTED, refusal, STRAY_COMMANDS, spoilt } from './machines.ts'

const LOGIN = { username: 'alice', password: 'wonderland' }
const client = (login = LOGIN): Mechanism => plain(login).create(CONTEXT)
const server = (): Mechanism => plainServer().create(CONTEXT)

/** A server that has said WELCOME to alice. */
function welcoming(): { machine: Mechanism; initiate: Uint8Array } {
  const [machine, other] = [server(), client()]
  const welcome = machine.receive(other.start()[0]!)[0]!
  return { machine, initiate: other.receive(welcome)[0]! }
}

describe('a PLAIN handshake', () => {
  test('says HELLO, WELCOME, INITIATE, READY, and each end learns the other one', () => {
    const [from, to] = [client(), server()]
    const { fromClient, fromServer } = converse(from, to)
    expect(fromClient.map(command => decodeCommand(command).name)).toEqual(['HELLO', 'INITIATE'])
    expect(fromServer.map(command => decodeCommand(command).name)).toEqual(['WELCOME', 'READY'])
    expect([from.peer, to.peer]).toEqual([REPORTED, REPORTED])
    expect([from.asServer, to.asServer]).toEqual([false, true])
    expect([from.cipher, to.cipher]).toEqual([undefined, undefined])
  })

  test('lays HELLO out as RFC 24 says', () => {
    expect(Buffer.from(client().start()[0]!).toString('latin1')).toBe('\x05HELLO\x05alice\x0awonderland')
  })

  test('leaves name, password and metadata to be decided, and no peer before that', () => {
    const { machine, initiate } = welcoming()
    expect(machine.pending).toBeUndefined()
    machine.receive(initiate)
    expect(machine.pending).toEqual({ mechanism: 'PLAIN', ...LOGIN, metadata: REPORTED })
    expect(machine.peer).toBeUndefined()
  })

  test('carries every name and password of up to 255 bytes', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.constant(`${'ä'.repeat(127)}x`))
    fc.assert(
      fc.property(text, text, (username, password) => {
        const [from, to] = [client({ username, password }), server()]
        const welcome = to.receive(from.start()[0]!)[0]!
        to.receive(from.receive(welcome)[0]!)
        expect([to.pending!.username, to.pending!.password]).toEqual([username, password])
      }),
    )
  })

  test.each([400, 500] as const)('tells a client refused with %i so', status => {
    const [from, to] = [client(), server()]
    const error = caught(() => converse(from, to, { status, reason: 'secret reason' }))
    expect(error).toBeInstanceOf(SecurityError)
    expect(error).toMatchObject({ status, message: expect.not.stringContaining('secret reason') })
    expect([from.peer, to.peer]).toEqual([undefined, undefined])
  })

  test('spells ERROR as libzmq does, and reads the right spelling too', () => {
    const { machine, initiate } = welcoming()
    machine.receive(initiate)
    const [error] = machine.decide({ status: 400, reason: '' })
    expect(Buffer.from(error!).toString('latin1')).toBe('\x5eRROR\x03400')
    expect(refusal(client(), error!)).toMatchObject({ status: 400 })
    expect(refusal(client(), encodeCommand('ERROR', Buffer.from('\x03400')))).toMatchObject({ status: 400 })
  })

  test('is silent to a client refused for now, which may dial again', () => {
    const [from, to] = [client(), server()]
    const { fromServer } = converse(from, to, { status: 300, reason: 'busy' })
    expect(fromServer.map(command => decodeCommand(command).name)).toEqual(['WELCOME'])
    expect([from.peer, to.peer]).toEqual([undefined, undefined])
  })

  test('cannot be decided before the client has asked, nor twice', () => {
    expect(() => server().decide({ status: 200 })).toThrow(SecurityError)
    const { machine, initiate } = welcoming()
    machine.receive(initiate)
    machine.decide({ status: 400, reason: '' })
    expect(() => machine.decide({ status: 200 })).toThrow(SecurityError)
    expect(machine.peer).toBeUndefined()
  })
})

describe('a PLAIN machine', () => {
  test('refuses every command that is out of turn', () => {
    for (const command of STRAY_COMMANDS) {
      const { name } = decodeCommand(command)
      expect(refusal(server(), command)).toBeDefined()
      expect(refusal(welcoming().machine, command) === undefined).toBe(
        name === 'INITIATE' && command.length === 9,
      )
      expect(refusal(client(), command) === undefined).toBe(name === 'WELCOME' && command.length === 8)
    }
  })

  test('refuses everything once the handshake is over', () => {
    const [from, to] = [client(), server()]
    const { fromClient, fromServer } = converse(from, to)
    for (const command of [...STRAY_COMMANDS, ...fromClient, ...fromServer]) {
      expect(refusal(from, command)).toBeInstanceOf(ProtocolError)
      expect(refusal(to, command)).toBeInstanceOf(ProtocolError)
    }
  })

  test('refuses a spoilt HELLO, or sees another name or password in it', () => {
    for (const { bytes } of spoilt(client().start()[0]!)) {
      const machine = server()
      if (refusal(machine, bytes) !== undefined) continue
      machine.receive(welcoming().initiate)
      expect(machine.pending).not.toMatchObject(LOGIN)
    }
  })

  test('lets nobody in by a spoilt INITIATE without a decision', () => {
    for (const { bytes } of spoilt(welcoming().initiate)) {
      const { machine } = welcoming()
      refusal(machine, bytes)
      expect(machine.peer).toBeUndefined()
    }
  })

  test('answers arbitrary bytes with one of the two errors of peers only', () => {
    const start = fc.constantFrom('\x05HELLO', '\x08INITIATE', '\x07WELCOME', '\x05READY', '\x05ERROR', '')
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 80 }), (name, rest) => {
        const bytes = Buffer.concat([Buffer.from(name, 'latin1'), rest])
        for (const machine of [server(), welcoming().machine, client()]) {
          refusal(machine, bytes)
          expect(machine.peer).toBeUndefined()
        }
      }),
      { numRuns: 500 },
    )
  })

  test('refuses names and passwords that are not UTF-8', () => {
    const hello = encodeCommand('HELLO', Buffer.from([1, 0xff, 0]))
    expect(refusal(server(), hello)).toMatchObject({ message: expect.stringContaining('UTF-8') })
  })
})

describe('the options plain and plainServer', () => {
  const beyond = [
    'tcp://10.0.0.7:5555',
    'tcp://[2001:db8::1]:5555',
    'tcp://[::ffff:10.0.0.7]:1',
    'tcp://example.org:5555',
    'ws://127.0.0.1:80',
    '',
  ]
  const here = [
    'tcp://127.0.0.1:5555',
    'tcp://127.9.9.9:1',
    'tcp://[::1]:5555',
    'tcp://[::ffff:127.0.0.1]:5555',
    'ipc:///tmp/a.sock',
    'ipc://@name',
  ]

  test('refuse to send a password beyond this machine', () => {
    for (const address of beyond) {
      for (const accepted of [true, false]) {
        expect(() => plain(LOGIN).create({ ...CONTEXT, accepted, address })).toThrow(SecurityError)
        expect(() => plainServer().create({ ...CONTEXT, accepted, address })).toThrow(SecurityError)
      }
    }
    for (const address of here) {
      expect(plain(LOGIN).create({ ...CONTEXT, address }).name).toBe('PLAIN')
      expect(plainServer().create({ ...CONTEXT, address }).name).toBe('PLAIN')
    }
  })

  test('do so once the user insists', () => {
    for (const address of beyond) {
      expect(plain({ ...LOGIN, allowInClear: true }).create({ ...CONTEXT, address }).name).toBe('PLAIN')
      expect(plainServer({ allowInClear: true }).create({ ...CONTEXT, address }).name).toBe('PLAIN')
    }
  })

  test('refuse wrong values without quoting them', () => {
    const long = 'ä'.repeat(128)
    const error = caught(() => plain({ username: 'alice', password: long }))
    expect(error).toBeInstanceOf(OptionError)
    expect(error).toMatchObject({ option: 'password', message: expect.stringContaining('256 bytes') })
    expect((error as Error).message).not.toContain(long)
    expect(() => plain({ password: 'x' } as never)).toThrow('username is undefined')
    expect(() => plainServer({ allowInClear: 1 } as never)).toThrow(OptionError)
  })

  test('show no password when they or their machines are printed', () => {
    const security = plain(LOGIN)
    const machine = security.create(CONTEXT)
    machine.start()
    const { machine: half } = welcoming()
    const text = inspect([security, machine, half], { depth: 9, showHidden: true })
    expect(text).not.toContain('wonderland')
    expect(text).not.toContain(inspect(Buffer.from('wonderland')).slice(8, 30))
  })
})

function caught(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
