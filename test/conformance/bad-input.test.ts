/** What is given wrongly: a typed error at the earliest moment that quotes it and says what would be right, and nothing else disturbed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { json } from '../../src/codec/json.ts'
import { raw } from '../../src/codec/raw.ts'
import { text } from '../../src/codec/text.ts'
import {
  AddressError,
  ClosedError,
  InvalidMessageError,
  MessageSizeError,
  OptionError,
  TimeoutError,
  type TypedMqError,
  UnroutableError,
} from '../../src/errors.ts'
import { Dealer } from '../../src/sockets/dealer.ts'
import { Publisher, Subscriber } from '../../src/sockets/pub-sub.ts'
import { Pull, Push } from '../../src/sockets/push-pull.ts'
import { Reply } from '../../src/sockets/reply.ts'
import { Request } from '../../src/sockets/request.ts'
import { Router } from '../../src/sockets/router.ts'
import { next as nextOf } from '../support/stage.ts'
import { freePort, inproc, ipc, tcp } from '../support/transports.ts'

type Kind = new (...given: never[]) => TypedMqError

/** What a call throws or rejects with. */
async function problemOf(call: () => unknown): Promise<TypedMqError> {
  try {
    await call()
  } catch (error) {
    return error as TypedMqError
  }
  throw new Error('nothing was thrown')
}

async function expectProblem(call: () => unknown, kind: Kind, ...quoted: (string | RegExp)[]): Promise<void> {
  const problem = await problemOf(call)
  expect(problem).toBeInstanceOf(kind)
  for (const words of quoted) expect(problem.message).toMatch(words)
}

/** Whether a pair still talks after what was done to one of them. */
async function expectUndisturbed(push: Push<string>, pull: Pull<string>): Promise<void> {
  push.connect(await pull.bind(tcp.fresh()))
  await push.send('undisturbed')
  expect(await pull.receive({ timeout: 10_000 })).toBe('undisturbed')
}

describe('an endpoint', () => {
  const WRONG: readonly (readonly [endpoint: string, advice: RegExp])[] = [
    ['', /write tcp:\/\//],
    ['localhost:5555', /write tcp:\/\//],
    ['5555', /write tcp:\/\//],
    ['TCP://localhost:5555', /lower case/],
    ['tcp://localhost', /no port/],
    ['tcp://localhost:http', /not a port/],
    ['tcp://localhost:65536', /65535/],
    ['tcp://:5555', /no host/],
    ['tcp://::1:5555', /brackets/],
    ['tcp://[nonsense]:5555', /IPv6/],
    ['ipc://', /write ipc:\/\//],
    ['inproc://', /write inproc:\/\//],
    ['udp://localhost:5555', /known are tcp:\/\/, ipc:\/\/, inproc:\/\//],
    [`ipc:///tmp/${'x'.repeat(120)}`, /12\d bytes.*allow 10[37]/],
  ]

  for (const [endpoint, advice] of WRONG) {
    it(`"${endpoint.slice(0, 30)}" is refused by bind and connect, with advice`, async () => {
      await using push = new Push<string>({ codec: text })
      await using pull = new Pull<string>({ codec: text })
      for (const call of [() => push.connect(endpoint), () => push.bind(endpoint)]) {
        await expectProblem(call, AddressError, advice)
        expect(await problemOf(call)).toMatchObject({ code: 'ADDRESS', endpoint })
        expect((await problemOf(call)).message).toContain(endpoint)
      }
      await expectUndisturbed(push, pull)
    })
  }

  it('that is for binding only is refused by connect at once', async () => {
    await using push = new Push()
    for (const endpoint of ['tcp://*:5555', 'tcp://127.0.0.1:0', 'tcp://127.0.0.1:*', 'ipc://*']) {
      expect(() => push.connect(endpoint)).toThrow(AddressError)
      expect(() => push.connect(endpoint)).toThrow(endpoint)
    }
  })

  it('that is no string is refused', async () => {
    await using push = new Push()
    for (const endpoint of [undefined, null, 5555]) {
      expect(() => push.connect(endpoint as never)).toThrow(AddressError)
      await expectProblem(() => push.bind(endpoint as never), AddressError, String(endpoint))
    }
  })

  it('whose port is in use by another program is ADDRESS_IN_USE', async () => {
    const port = await freePort()
    const server = createServer().listen(port, '127.0.0.1')
    await using pull = new Pull()
    const endpoint = `tcp://127.0.0.1:${port}`
    await expectProblem(() => pull.bind(endpoint), AddressError, endpoint, 'in use')
    expect(await problemOf(() => pull.bind(endpoint))).toMatchObject({ code: 'ADDRESS_IN_USE' })
    server.close()
  })

  it('that is bound already is ADDRESS_IN_USE, on every transport', async () => {
    for (const transport of [tcp, ipc, inproc]) {
      await using pull = new Pull()
      const endpoint = await pull.bind(transport.fresh())
      expect(await problemOf(() => pull.bind(endpoint))).toMatchObject({ code: 'ADDRESS_IN_USE', endpoint })
    }
  })

  it('of another machine, or of a directory that is not there, cannot be bound', async () => {
    await using pull = new Pull()
    await expectProblem(() => pull.bind('tcp://192.0.2.1:5555'), AddressError, '192.0.2.1', 'no such address')
    await expectProblem(
      () => pull.bind('ipc:///nowhere/at/all.sock'),
      AddressError,
      '/nowhere/at/all.sock',
      'directory',
    )
  })

  it('whose path is a file of somebody else is not touched', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'typedmq-test-'))
    const path = join(directory, 'precious.txt')
    await writeFile(path, 'precious')
    await using pull = new Pull()
    await expectProblem(() => pull.bind(`ipc://${path}`), AddressError, path, 'not a socket')
    await rm(directory, { recursive: true })
  })
})

describe('an option', () => {
  const WRONG: readonly (readonly [object, string, RegExp])[] = [
    [{ sendHighWaterMark: 0 }, 'sendHighWaterMark', /is 0.*whole number of at least 1/],
    [{ sendHighWaterMark: '1000' }, 'sendHighWaterMark', /"1000"/],
    [{ receiveHighWaterMark: 1.5 }, 'receiveHighWaterMark', /1\.5/],
    [{ linger: -1 }, 'linger', /is -1.*milliseconds/],
    [{ heartbeatInterval: 0 }, 'heartbeatInterval', /is 0/],
    [{ reconnectInterval: Number.NaN }, 'reconnectInterval', /NaN/],
    [{ immediate: 1 }, 'immediate', /true or false/],
    [{ dispatch: 'random' }, 'dispatch', /"random".*'round-robin' or 'least-queued'/],
    [{ routingId: '\0me' }, 'routingId', /zero byte/],
    [{ highWaterMark: 1 }, 'highWaterMark', /unknown option "highWaterMark"/],
    [{ codec: 'json' }, 'codec', /encode and decode/],
    [{ schema: {} }, 'schema', /Standard Schema/],
    [{ engine: 'libzmq' }, 'engine', /libzmq/],
  ]

  for (const [options, option, words] of WRONG) {
    it(`${JSON.stringify(options)} is refused by the constructor`, () => {
      const open = () => new Push(options as never)
      expect(open).toThrow(OptionError)
      expect(open).toThrow(words)
      try {
        open()
      } catch (error) {
        expect(error).toMatchObject({ code: 'OPTION', option })
      }
    })
  }

  it('that belongs to a call is checked when it is called', async () => {
    await using request = new Request()
    await using pull = new Pull()
    await expectProblem(() => pull.receive({ timeout: -5 }), OptionError, '-5')
    await expectProblem(() => request.request('x', { timeout: -5 }), OptionError, '-5')
    await expectProblem(() => request.request('x', { retries: 0.5 }), OptionError, '0.5')
    await expectProblem(() => pull.receiveMany(0), OptionError, '0')
  })
})

describe('a pair of sockets', () => {
  it('that may not talk is refused at the handshake, with an event that names both, and nothing else is disturbed', async () => {
    for (const transport of [tcp, ipc, inproc]) {
      await using pull = new Pull<string>({ codec: text })
      await using wrong = new Subscriber()
      await using push = new Push<string>({ codec: text })
      const endpoint = await pull.bind(transport.fresh())
      const failed = nextOf(pull as never, 'handshake:failed')
      wrong.connect(endpoint)
      const { error, fatal } = await failed
      expect(error).toMatchObject({ code: 'PROTOCOL' })
      expect(error.message).toMatch(/PULL.*SUB/)
      expect(fatal).toBe(true)
      await expectUndisturbed(push, pull)
    }
  })
})

describe('a value', () => {
  const Job = z.object({ id: z.number() })

  it('that the codec cannot encode is refused by every sender', async () => {
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    await using push = new Push<unknown>({ codec: json })
    await using pub = new Publisher({ codec: json })
    await using request = new Request<unknown, unknown>({ codec: json })
    for (const call of [
      () => push.send(circular),
      () => push.trySend(circular),
      () => pub.send('topic', circular),
      () => request.request(circular),
    ]) {
      const problem = await problemOf(call)
      expect(problem).toBeInstanceOf(InvalidMessageError)
      expect(problem.cause).toBeInstanceOf(TypeError)
    }
  })

  it('of which a codec makes no message is refused by every sender', async () => {
    const codec = { name: 'careless', encode: (value: unknown) => value as Buffer, decode: String }
    await using push = new Push<unknown>({ codec })
    await using pub = new Publisher<object, unknown>({ codec })
    await using request = new Request<unknown, unknown>({ codec })
    const advice = /^codec careless cannot encode 'text': it makes no message/
    await expectProblem(() => push.send('text'), InvalidMessageError, advice)
    await expectProblem(() => pub.send('topic', 'text'), InvalidMessageError, advice)
    await expectProblem(() => request.request('text'), InvalidMessageError, advice)
  })

  it('that the schema refuses is refused by the sender, with its issues', async () => {
    await using push = new Push({ schema: Job })
    const problem = await problemOf(() => push.send({ id: 'one' } as never))
    expect(problem).toBeInstanceOf(InvalidMessageError)
    expect((problem as InvalidMessageError).issues[0]).toMatchObject({ path: ['id'] })
    expect(problem.message).toContain('id')
  })

  it('that the schema refuses is skipped, counted and told by the receiver', async () => {
    await using push = new Push<unknown>({ linger: 0 })
    await using pull = new Pull({ schema: Job })
    const told = nextOf(pull as never, 'message:invalid')
    push.connect(await pull.bind(tcp.fresh()))
    await push.send({ id: 'one' })
    await push.send({ id: 2 })
    expect(await pull.receive({ timeout: 10_000 })).toEqual({ id: 2 })
    expect((await told).error).toBeInstanceOf(InvalidMessageError)
    expect(pull.stats().invalid).toBe(1)
  })

  it('over the limit is refused by the sender, with both numbers', async () => {
    await using push = new Push({ codec: raw, maxMessageSize: 100, maxParts: 2 })
    await expectProblem(() => push.send(Buffer.alloc(101)), MessageSizeError, '101', '100')
    await expectProblem(() => push.trySend(Buffer.alloc(101)), MessageSizeError, '101', '100')
    await expectProblem(() => push.send([1, 2, 3].map(() => Buffer.alloc(1))), MessageSizeError, '3', '2')
  })

  it('over the limit of its receiver ends that connection, and the error says why', async () => {
    await using push = new Push({ codec: raw, linger: 0 })
    await using pull = new Pull({ codec: raw, maxMessageSize: 100 })
    const gone = nextOf(pull as never, 'disconnect')
    push.connect(await pull.bind(tcp.fresh()))
    await push.send(Buffer.alloc(101))
    const { error } = await gone
    expect(error).toBeInstanceOf(MessageSizeError)
    expect(error!.message).toMatch(/101.*100/)
  })
})

describe('a call', () => {
  it('after close rejects as closed', async () => {
    const push = new Push<string>()
    const pull = new Pull<string>()
    const request = new Request()
    const reply = new Reply()
    await Promise.all([push, pull, request, reply].map(socket => socket.close()))
    for (const call of [
      () => push.send('x'),
      () => push.trySend('x'),
      () => pull.receive(),
      () => pull.tryReceive(),
      () => request.request('x'),
      () => push.bind(tcp.fresh()),
      () => push.connect('inproc://x'),
      () => push.connected(),
    ]) {
      await expectProblem(call, ClosedError, 'closed')
    }
    // Those that go on until the end just end.
    for await (const _ of pull) throw new Error('nothing can come')
    await reply.serve(() => 'nobody asks')
  })

  it('for an unknown routing id rejects, with the message in the error', async () => {
    await using router = new Router<string, string>({ codec: text })
    const problem = await problemOf(() => router.send('nobody', 'hello'))
    expect(problem).toBeInstanceOf(UnroutableError)
    expect(problem.message).toContain(Buffer.from('nobody').toString('hex'))
    expect((problem as UnroutableError).undelivered).toEqual([Buffer.from('nobody'), Buffer.from('hello')])
  })

  it('to a peer by a name or an envelope that is no bytes is refused', async () => {
    await using router = new Router<string, string>({ codec: text })
    const advice = /a peer is a Uint8Array or a string/
    await expectProblem(() => router.send(5 as never, 'value'), InvalidMessageError, advice)
    await expectProblem(() => router.send('peer', 'value', ['text'] as never), InvalidMessageError, advice)
    await expectProblem(() => router.trySend(null as never, 'value'), InvalidMessageError, advice)
  })

  it('without a peer in time rejects as timed out', async () => {
    await using push = new Push<string>()
    await using dealer = new Dealer<string, string>()
    await using request = new Request<string, string>()
    await using sub = new Subscriber()
    await using pub = new Publisher()
    const soon = { timeout: 5 }
    for (const call of [
      () => push.send('x', soon),
      () => push.connected(1, soon),
      () => dealer.receive(soon),
      () => request.request('x', soon),
      () => sub.ready(soon),
      () => pub.waitForSubscribers(1, 'topic', soon),
    ]) {
      await expectProblem(call, TimeoutError, '5 ms')
    }
  })

  it('that lets go of what is not held is an error that quotes it', async () => {
    await using push = new Push()
    await expectProblem(() => push.disconnect('tcp://127.0.0.1:5555'), AddressError, 'tcp://127.0.0.1:5555')
    await expectProblem(() => push.unbind('tcp://127.0.0.1:5555'), AddressError, 'tcp://127.0.0.1:5555')
  })

  it('that connects twice to the same endpoint is an error that quotes it', async () => {
    await using push = new Push({ linger: 0 })
    const endpoint = inproc.fresh()
    push.connect(endpoint)
    const problem = await problemOf(() => push.connect(endpoint))
    expect(problem).toMatchObject({ code: 'STATE' })
    expect(problem.message).toContain(endpoint)
  })
})

afterAll(() => {
  // What was opened with a wrong option was never opened: nothing keeps this process.
  expect(process.getActiveResourcesInfo().filter(name => /TCP.*Server|PipeServer/.test(name))).toEqual([])
})
