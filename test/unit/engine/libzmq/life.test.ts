/** Endpoints, peers, events and the end of sockets on libzmq. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { EngineSocket } from '../../../../src/engine/engine.ts'
import type { SocketEventMap } from '../../../../src/engine/events.ts'
import { libzmq } from '../../../../src/engine/libzmq/index.ts'
import { loadNative } from '../../../../src/engine/libzmq/native.ts'
import { AddressError, ClosedError, StateError, UnsupportedError } from '../../../../src/errors.ts'
import { completeOptions } from '../../../../src/options.ts'
import { OutgoingRequest } from '../../../../src/outgoing-request.ts'
import { endpoints, message, open, texts } from './support.ts'

const event = async <Name extends keyof SocketEventMap>(socket: EngineSocket, name: Name) => {
  const [told] = await once(socket.events, name)
  return told as SocketEventMap[Name][0]
}

describe('endpoints', () => {
  test('bind answers the port that the system chose', async () => {
    await using pull = open('PULL')
    const told = event(pull, 'bind')
    const real = await pull.bind('tcp://127.0.0.1:0')
    expect(real).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/)
    expect(await told).toEqual({ endpoint: real })
    expect(pull.endpoints).toEqual([real])
  })

  test('IPv6 works', async () => {
    await using pull = open('PULL')
    await using push = open('PUSH')
    const real = await pull.bind('tcp://[::1]:0')
    expect(real).toMatch(/^tcp:\/\/\[::1\]:/)
    push.connect(real)
    await push.send(message('six'))
    expect(await texts(pull, 1)).toEqual(['six'])
  })

  test.each([
    'nonsense',
    'tcp://127.0.0.1',
    'tcp://203.0.113.7:0',
    'abc://x',
    'ipc:///no/such/folder/x.sock',
  ])('%s cannot be bound, and the error quotes it', async endpoint => {
    await using pull = open('PULL')
    await expect(pull.bind(endpoint)).rejects.toThrow(AddressError)
    await expect(pull.bind(endpoint)).rejects.toThrow(endpoint)
  })

  test.each(['nonsense', 'tcp://*:5555', 'tcp://127.0.0.1:0', 'abc://x'])(
    '%s cannot be connected',
    async endpoint => {
      await using push = open('PUSH')
      expect(() => push.connect(endpoint)).toThrow(AddressError)
    },
  )

  test.each(['tcp', 'ipc', 'inproc'] as const)(
    'a bound %s endpoint is taken, and free after unbind',
    async kind => {
      await using one = open('PULL')
      await using two = open('PULL')
      const real = await one.bind(endpoints[kind]())
      await expect(two.bind(real)).rejects.toMatchObject({ code: 'ADDRESS_IN_USE', endpoint: real })
      await one.unbind(real)
      expect(one.endpoints).toEqual([])
      expect(await two.bind(real)).toBe(real)
      await expect(one.unbind(real)).rejects.toThrow(AddressError)
    },
  )

  test.each(['tcp', 'ipc', 'inproc'] as const)('a bound %s endpoint is free after close', async kind => {
    const one = open('PULL')
    const real = await one.bind(endpoints[kind]())
    await one.close()
    await using two = open('PULL')
    expect(await two.bind(real)).toBe(real)
  })

  test('unbind ends the connections that came this way, and says so', async () => {
    await using pull = open('PULL')
    await using push = open('PUSH')
    const real = await pull.bind(endpoints.tcp())
    push.connect(real)
    await pull.connected(1, { timeout: 5000 })
    const gone = event(pull, 'disconnect')
    await pull.unbind(real)
    expect(await gone).toMatchObject({ endpoint: real })
    expect(pull.peers).toEqual([])
  })

  test('connecting twice is refused, and so is disconnecting what is not connected', async () => {
    await using push = open('PUSH')
    push.connect('tcp://127.0.0.1:9')
    expect(() => push.connect('tcp://127.0.0.1:9')).toThrow(StateError)
    push.disconnect('tcp://127.0.0.1:9')
    expect(() => push.disconnect('tcp://127.0.0.1:9')).toThrow(AddressError)
  })

  test('a closed socket refuses everything', async () => {
    const push = open('PUSH')
    await push.close()
    expect(() => push.connect('tcp://127.0.0.1:9')).toThrow(ClosedError)
    await expect(push.bind(endpoints.tcp())).rejects.toThrow(ClosedError)
    await expect(push.connected(1)).rejects.toThrow(ClosedError)
    expect(await push.close()).toEqual({ flushed: 0, dropped: 0 })
  })
})

describe.each(['tcp', 'ipc', 'inproc'] as const)('peers over %s', kind => {
  test('are live for what dials them until the application disconnects them', async () => {
    await using pull = open('PULL')
    await using push = open('PUSH')
    const real = await pull.bind(endpoints[kind]())
    let changes = 0
    const dialling = push.dial([real], { changed: () => changes++ })
    await push.connected(1, { timeout: 5000 })
    expect([dialling.live, changes]).toEqual([true, 1])
    push.disconnect(real)
    expect([dialling.live, changes]).toEqual([false, 2])
    push.connect(real)
    dialling.disconnect()
    await push.connected(1, { timeout: 5000 })
  })

  test('are told as they come and go', async () => {
    await using pull = open('PULL')
    const push = open('PUSH')
    const real = await pull.bind(endpoints[kind]())
    const came = event(pull, 'handshake')
    push.connect(real)
    await Promise.all([push.connected(1, { timeout: 5000 }), pull.connected(1, { timeout: 5000 })])
    expect(await came).toMatchObject({ endpoint: real, peer: { socketType: 'PUSH', address: undefined } })
    expect(push.peers).toMatchObject([{ endpoint: real, address: real, socketType: 'PULL' }])
    const gone = event(pull, 'disconnect')
    await push.close()
    expect(await gone).toMatchObject({ endpoint: real, peer: { id: 1 } })
    expect(pull.peers).toEqual([])
  })

  test('disconnect lets the peer go', async () => {
    await using pull = open('PULL')
    await using push = open('PUSH')
    const real = await pull.bind(endpoints[kind]())
    push.connect(real)
    await pull.connected(1, { timeout: 5000 })
    await push.connected(1, { timeout: 5000 })
    const gone = [event(pull, 'disconnect'), event(push, 'disconnect')]
    push.disconnect(real)
    await Promise.all(gone)
    expect([...push.peers, ...pull.peers]).toEqual([])
  })

  test('a connection comes back when the other end does', async () => {
    const pull = open('PULL')
    await using push = open('PUSH', { reconnectInterval: 1 })
    const real = await pull.bind(endpoints[kind]())
    push.connect(real)
    await push.connected(1, { timeout: 5000 })
    const gone = event(push, 'disconnect')
    await pull.close()
    await gone
    await using again = open('PULL')
    await again.bind(real)
    await push.connected(1, { timeout: 5000 })
    await push.send(message('back'))
    expect(await texts(again, 1)).toEqual(['back'])
  })
})

test('peers whose socket types do not fit are told to have failed, and disturb no other', async () => {
  await using pull = open('PULL')
  await using push = open('PUSH')
  await using wrong = open('SUB')
  const real = await pull.bind(endpoints.tcp())
  push.connect(real)
  await pull.connected(1, { timeout: 5000 })
  const failed = [event(pull, 'handshake:failed'), event(wrong, 'handshake:failed')]
  wrong.connect(real)
  for (const told of await Promise.all(failed)) {
    expect(told).toMatchObject({ endpoint: real, fatal: true, error: { code: 'PROTOCOL' } })
  }
  expect(pull.peers.length).toBe(1)
  await push.send(message('undisturbed'))
  expect(await texts(pull, 1)).toEqual(['undisturbed'])
})

test('connect and disconnect at once leave nobody behind', async () => {
  await using pull = open('PULL')
  await using push = open('PUSH')
  await using other = open('PUSH')
  const real = await pull.bind(endpoints.tcp())
  push.connect(real)
  push.disconnect(real)
  other.connect(real)
  await other.connected(1, { timeout: 5000 })
  await other.send(message('other'))
  expect(await texts(pull, 1)).toEqual(['other'])
  expect(push.peers).toEqual([])
  expect(push.trySend(message('nobody'))).toBe(false)
})

test('dialling in vain is told', async () => {
  await using push = open('PUSH', { reconnectInterval: 1 })
  push.connect('tcp://127.0.0.1:9')
  expect(await event(push, 'connect:retry')).toMatchObject({ endpoint: 'tcp://127.0.0.1:9', attempt: 1 })
  await expect(push.connected(1, { timeout: 5 })).rejects.toThrow('1 peers: not within 5 ms')
})

test('a request is lost with the last peer, and rejected at once', async () => {
  const reply = open('REP')
  await using request = open('REQ')
  request.connect(await reply.bind(endpoints.tcp()))
  await request.connected(1, { timeout: 5000 })
  const question = new OutgoingRequest(message('anybody?'))
  await request.send(question)
  await reply.receive({ timeout: 5000 })
  const outcome = request.receive({ timeout: 5000 })
  await reply.close()
  expect(await outcome).toEqual({ request: question, body: undefined })
})

test('an answer that nobody waits for any more is dropped and counted', async () => {
  await using reply = open('REP')
  await using request = open('REQ')
  request.connect(await reply.bind(endpoints.tcp()))
  const [first, second] = [new OutgoingRequest(message('q1')), new OutgoingRequest(message('q2'))]
  await request.send(first)
  expect(request.revoke(first)).toBe(false)
  await request.send(second)
  for (let i = 0; i < 2; i++) await reply.send(await reply.receive({ timeout: 5000 }))
  expect(await request.receive({ timeout: 5000 })).toEqual({ request: second, body: message('q2') })
  expect(request.stats().dropped).toEqual({ 'late-answer': 1 })
})

describe('close', () => {
  test('sends what is queued first', async () => {
    await using pull = open('PULL')
    const push = open('PUSH', { sendHighWaterMark: 10_000 })
    push.connect(await pull.bind(endpoints.tcp()))
    for (let i = 0; i < 2000; i++) await push.send(message(`m${i}`))
    const closing = push.close()
    expect((await texts(pull, 2000)).at(-1)).toBe('m1999')
    expect(await closing).toEqual({ flushed: undefined, dropped: 0 })
  })

  test('cannot say what was dropped when linger was over', async () => {
    const push = open('PUSH')
    push.connect('tcp://127.0.0.1:9')
    await push.send(message('nowhere to go'))
    const told = event(push, 'close')
    expect(await push.close({ linger: 20 })).toEqual({ flushed: undefined, dropped: undefined })
    expect(await told).toEqual({ flushed: undefined, dropped: undefined })
  })

  test('does not wait where nothing was sent, although subscriptions have nowhere to go', async () => {
    const subscriber = open('SUB')
    subscriber.subscribe!(message('x'))
    subscriber.connect('tcp://127.0.0.1:9')
    expect(await subscriber.close({ linger: 60_000 })).toEqual({ flushed: 0, dropped: 0 })
  })

  test('over inproc leaves what was sent to the reader', async () => {
    await using pull = open('PULL')
    const push = open('PUSH')
    push.connect(await pull.bind(endpoints.inproc()))
    for (let i = 0; i < 100; i++) await push.send(message(`m${i}`))
    await push.close()
    expect((await texts(pull, 100)).at(-1)).toBe('m99')
  })

  test('tells of messages that were read ahead and never received', async () => {
    const pull = open('PULL')
    await using push = open('PUSH')
    push.connect(await pull.bind(endpoints.inproc()))
    await push.send(message('unread'))
    while (pull.tryReceive() === undefined) await new Promise(setImmediate)
    await push.send(message('unread'))
    pull.tryReceive()
    await new Promise(setImmediate)
    await pull.close()
    expect(pull.stats().dropped).toEqual({ unread: 1 })
  })

  test('an engine that is disposed of closes its sockets', async () => {
    const own = libzmq({ ioThreads: 2 })
    const options = { ...completeOptions({}), security: undefined, authenticate: undefined }
    const socket = own.open('PULL', options)
    await own[Symbol.asyncDispose]()
    await expect(socket.source.receive()).rejects.toThrow(ClosedError)
  })
})

test('a socket whose listener closes it when an endpoint is unbound closes once', async () => {
  await using pull = open('PULL')
  const told: string[] = []
  pull.events.on('unbind', () => {
    told.push('unbind')
    void pull.close()
  })
  pull.events.on('close', () => told.push('close'))
  await pull.bind(endpoints.tcp())
  await pull.close()
  expect(told).toEqual(['unbind', 'close'])
})

describe('the package zeromq', () => {
  test('that is missing is named, with what to install', () => {
    const missing = () => {
      throw Object.assign(new Error("Cannot find module 'zeromq'"), { code: 'MODULE_NOT_FOUND' })
    }
    expect(() => loadNative(missing)).toThrow(UnsupportedError)
    expect(() => loadNative(missing)).toThrow('npm install zeromq@6')
  })

  test('whose native part does not load gives its reason', () => {
    const cause = Object.assign(new Error('wrong ELF class'), { code: 'ERR_DLOPEN_FAILED' })
    const broken = () => {
      throw cause
    }
    expect(() => loadNative(broken)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED', cause }))
  })
})
