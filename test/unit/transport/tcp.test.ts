/** What is particular to tcp: addresses, names, ports, and the errors of binding and dialling. */
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AddressError } from '../../../src/errors.ts'
import { tcp } from '../../../src/transport/tcp.ts'
import { connected, disposable, handles, handlesReturnTo, never, options, record, turns } from './streams.ts'

const transport = tcp(options)
const ipv6 = Object.values(networkInterfaces()).some(addresses =>
  addresses?.some(({ address }) => address === '::1'),
)

let before = 0
beforeAll(async () => {
  await turns()
  before = handles()
})
afterAll(() => handlesReturnTo(before))

function portOf(endpoint: string): number {
  return Number(/:(\d+)$/.exec(endpoint)![1])
}

describe('binding', () => {
  test.each(['tcp://127.0.0.1:0', 'tcp://127.0.0.1:*'])(
    '%s answers the address and the port the system chose',
    async endpoint => {
      await using listener = disposable(await transport.listen(endpoint, () => {}))
      expect(listener.endpoint).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/)
      expect(portOf(listener.endpoint)).toBeGreaterThan(0)
    },
  )

  test('a host name is bound at its address, an IPv4 one if there is any', async () => {
    await using pair = await connected(transport, 'tcp://localhost:*')
    expect(pair.listener.endpoint).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/)
  })

  test('* takes connections to every address and answers 0.0.0.0 with the port', async () => {
    await using pair = await connected(transport, 'tcp://*:*')
    const port = portOf(pair.listener.endpoint)
    expect(pair.listener.endpoint).toBe(`tcp://0.0.0.0:${port}`)
    // The IPv4 peer of a dual-stack listener is shown as what it is.
    expect(pair.accepted.connection.remote).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/)
    for (const host of ipv6 ? ['127.0.0.1', 'localhost', '[::1]'] : ['127.0.0.1', 'localhost']) {
      const { connection, seen } = record(await transport.dial(`tcp://${host}:${port}`, never))
      connection.destroy()
      await seen.has('closed')
    }
  })

  test.skipIf(!ipv6)(
    'IPv6 carries bytes and is written in brackets (skipped only where the host has no ::1)',
    async () => {
      await using pair = await connected(transport, 'tcp://[::1]:*')
      expect(pair.listener.endpoint).toMatch(/^tcp:\/\/\[::1\]:\d+$/)
      expect(pair.accepted.connection.remote).toMatch(/^tcp:\/\/\[::1\]:\d+$/)
      pair.dialled.connection.write([Buffer.from('six')])
      await pair.accepted.seen.received(3)
      expect(pair.accepted.seen.text).toBe('six')
    },
  )

  test('a port in use is ADDRESS_IN_USE, with the endpoint and the cause', async () => {
    await using listener = disposable(await transport.listen('tcp://127.0.0.1:*', () => {}))
    const error = await transport.listen(listener.endpoint, () => {}).catch(reason => reason)
    expect(error).toBeInstanceOf(AddressError)
    expect(error).toMatchObject({ code: 'ADDRESS_IN_USE', endpoint: listener.endpoint })
    expect(error.message).toContain(listener.endpoint)
    expect(error.cause).toMatchObject({ code: 'EADDRINUSE' })
  })

  test.each([
    ['tcp://192.0.2.1:*', /no such address/, 'EADDRNOTAVAIL'],
    ['tcp://no-such-host.invalid:*', /does not resolve/, /ENOTFOUND|EAI_AGAIN/],
  ])('%s cannot be bound: the error says why', async (endpoint, message, code) => {
    const error = await transport.listen(endpoint, () => {}).catch(reason => reason)
    expect(error).toBeInstanceOf(AddressError)
    expect(error).toMatchObject({ code: 'ADDRESS', endpoint, cause: { code: expect.stringMatching(code) } })
    expect(error.message).toMatch(message)
    expect(error.message).toContain(endpoint)
  })

  test('close frees the port at once and lets the accepted connections live', async () => {
    await using pair = await connected(transport, 'tcp://127.0.0.1:*')
    await pair.listener.close()
    await pair.listener.close()
    await using again = disposable(await transport.listen(pair.listener.endpoint, () => {}))
    expect(again.endpoint).toBe(pair.listener.endpoint)
    pair.dialled.connection.write([Buffer.from('alive')])
    await pair.accepted.seen.received(5)
    expect(pair.accepted.seen.text).toBe('alive')
  })
})

describe('dialling', () => {
  test.each(['tcp://*:5555', 'tcp://127.0.0.1:0', 'tcp://127.0.0.1:*', 'tcp://host'])(
    '%s is refused without dialling',
    async endpoint => {
      expect(() => transport.check(endpoint)).toThrow(AddressError)
      await expect(transport.dial(endpoint, never)).rejects.toThrow(endpoint)
    },
  )

  test('fails with the error of the system when nobody listens', async () => {
    const listener = await transport.listen('tcp://127.0.0.1:*', () => {})
    await listener.close()
    await expect(transport.dial(listener.endpoint, never)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const byName = listener.endpoint.replace('127.0.0.1', 'localhost')
    await expect(transport.dial(byName, never)).rejects.toThrow(/ECONNREFUSED/)
  })

  test('fails with an AddressError when the name does not resolve', async () => {
    const error = await transport.dial('tcp://no-such-host.invalid:5555', never).catch(reason => reason)
    expect(error).toBeInstanceOf(AddressError)
    expect(error.message).toContain('no-such-host.invalid')
    expect(error.cause).toBeInstanceOf(Error)
  })

  test('an aborted signal stops it before it begins, or on its way, with the reason of the signal', async () => {
    let accepted = 0
    await using listener = disposable(
      await transport.listen('tcp://127.0.0.1:*', connection => {
        accepted++
        connection.destroy()
      }),
    )
    const reason = new Error('changed my mind')
    await expect(transport.dial(listener.endpoint, AbortSignal.abort(reason))).rejects.toBe(reason)
    await turns()
    expect(accepted).toBe(0)
    const controller = new AbortController()
    const dialling = transport.dial(listener.endpoint, controller.signal)
    controller.abort(reason)
    await expect(dialling).rejects.toBe(reason)
  })

  test('an abort after it has succeeded changes nothing', async () => {
    const controller = new AbortController()
    await using pair = await connected(
      { ...transport, dial: endpoint => transport.dial(endpoint, controller.signal) },
      'tcp://127.0.0.1:*',
    )
    controller.abort()
    pair.accepted.connection.write([Buffer.from('still here')])
    await pair.dialled.seen.received(10)
    expect(pair.dialled.seen.text).toBe('still here')
  })
})

test.skipIf(process.platform !== 'linux').each([
  [30_000, true],
  [Infinity, false],
])(
  'tcpKeepAlive %s arms the probes of both ends: %s (seen in /proc, so on Linux only)',
  async (tcpKeepAlive, armed) => {
    await using pair = await connected(tcp({ ...options, tcpKeepAlive }), 'tcp://127.0.0.1:*')
    // Columns: local address, remote address, state (01 established), queues, timer (02 keepalive).
    const hexPort = portOf(pair.listener.endpoint).toString(16).toUpperCase().padStart(4, '0')
    const timers = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map(line => line.trim().split(/\s+/))
      .filter(
        ([, local, remote, state]) =>
          state === '01' && (local?.endsWith(`:${hexPort}`) || remote?.endsWith(`:${hexPort}`)),
      )
      .map(columns => columns[5]!.slice(0, 2))
    expect(timers).toEqual(armed ? ['02', '02'] : ['00', '00'])
  },
)
