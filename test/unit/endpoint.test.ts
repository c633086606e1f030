import { describe, expect, test } from 'vitest'
import { formatTcp, MAX_IPC_PATH, parseInproc, parseIpc, parseTcp, schemeOf } from '../../src/endpoint.ts'
import { AddressError } from '../../src/errors.ts'

function errorOf(call: () => unknown): AddressError {
  try {
    call()
  } catch (error) {
    expect(error).toBeInstanceOf(AddressError)
    return error as AddressError
  }
  throw new Error('nothing was thrown')
}

describe('the scheme', () => {
  test.each([
    ['tcp://127.0.0.1:1', 'tcp'],
    ['ipc://a', 'ipc'],
    ['inproc://a', 'inproc'],
    ['ws+unix://a', 'ws+unix'],
  ])('of %s is %s, known or not', (endpoint, scheme) => {
    expect(schemeOf(endpoint)).toBe(scheme)
  })

  test.each([
    '',
    'tcp',
    'tcp:',
    'tcp:/a:1',
    '//a:1',
    ' tcp://a:1',
    '1tcp://a:1',
    'localhost:5555',
    'técp://a',
  ])('cannot be told of "%s": the error shows what to write', endpoint => {
    const error = errorOf(() => schemeOf(endpoint))
    expect(error).toMatchObject({ code: 'ADDRESS', endpoint })
    expect(error.message).toContain(`"${endpoint}"`)
    expect(error.message).toContain('tcp://host:port')
  })

  test.each([undefined, null, 5555, {}, Symbol('s'), Object.create(null)])(
    'cannot be told of what is no string (%#)',
    value => {
      expect(errorOf(() => schemeOf(value as string)).message).toMatch(/not an endpoint: .+; write/)
    },
  )

  test('is lower case, and the error says so', () => {
    expect(errorOf(() => schemeOf('TCP://127.0.0.1:5555')).message).toBe(
      'the scheme of "TCP://127.0.0.1:5555" must be in lower case: tcp://',
    )
  })

  test('a very long endpoint is not repeated whole', () => {
    expect(errorOf(() => schemeOf('x'.repeat(5000))).message.length).toBeLessThan(400)
  })
})

describe('tcp', () => {
  test.each([
    ['tcp://127.0.0.1:5555', '127.0.0.1', 5555],
    ['tcp://localhost:1', 'localhost', 1],
    ['tcp://a-b.example.org:65535', 'a-b.example.org', 65535],
    ['tcp://bücher.example:80', 'bücher.example', 80],
    ['tcp://host_name:80', 'host_name', 80],
    ['tcp://[::1]:5555', '::1', 5555],
    ['tcp://[::]:5555', '::', 5555],
    ['tcp://[2001:DB8::1]:5555', '2001:DB8::1', 5555],
    ['tcp://[::ffff:127.0.0.1]:5555', '::ffff:127.0.0.1', 5555],
    ['tcp://[fe80::1%eth0]:5555', 'fe80::1%eth0', 5555],
  ])('%s has a host and a port', (endpoint, host, port) => {
    expect(parseTcp(endpoint, true)).toEqual({ scheme: 'tcp', host, port })
  })

  test.each([
    ['tcp://*:5555', '*', 5555],
    ['tcp://*:*', '*', 0],
    ['tcp://127.0.0.1:*', '127.0.0.1', 0],
    ['tcp://127.0.0.1:0', '127.0.0.1', 0],
    ['tcp://[::]:*', '::', 0],
  ])('%s can be bound but not connected to', (endpoint, host, port) => {
    expect(parseTcp(endpoint)).toEqual({ scheme: 'tcp', host, port })
    const error = errorOf(() => parseTcp(endpoint, endpoint.includes('*') || port === 0))
    expect(error.message).toBe(
      `cannot connect to "${endpoint}": a host and a port from 1 to 65535 are needed`,
    )
  })

  test.each([
    ['tcp://', 'no port'],
    ['tcp://127.0.0.1', 'no port'],
    ['tcp://[::1]', 'no port'],
    ['tcp://:5555', 'no host'],
    ['tcp://127.0.0.1:', 'not a port: ""'],
    ['tcp://127.0.0.1:http', 'not a port: "http"'],
    ['tcp://127.0.0.1:-1', 'not a port: "-1"'],
    ['tcp://127.0.0.1:5.5', 'not a port: "5.5"'],
    ['tcp://127.0.0.1:123456', 'not a port: "123456"'],
    ['tcp://127.0.0.1:5555/', 'not a port: "5555/"'],
    ['tcp://127.0.0.1:65536', 'port 65536, which is over 65535,'],
    ['tcp://::1:5555', 'an IPv6 address without brackets: "::1"'],
    ['tcp://fe80::1%eth0:5555', 'an IPv6 address without brackets: "fe80::1%eth0"'],
    ['tcp://[]:5555', 'not an IPv6 address: "[]"'],
    ['tcp://[host]:5555', 'not an IPv6 address: "[host]"'],
    ['tcp://[127.0.0.1]:5555', 'not an IPv6 address: "[127.0.0.1]"'],
    ['tcp://[fe80::1%]:5555', 'not an IPv6 address: "[fe80::1%]"'],
    ['tcp://a b:5555', 'not a host: "a b"'],
    ['tcp://a/b:5555', 'not a host: "a/b"'],
    ['tcp://user@host:5555', 'not a host: "user@host"'],
    ['tcp://*.example:5555', 'not a host: "*.example"'],
    ['tcp://eth0;127.0.0.1:5555', 'not a host: "eth0;127.0.0.1"'],
  ])('%s is refused: %s', (endpoint, reason) => {
    const error = errorOf(() => parseTcp(endpoint))
    expect(error).toMatchObject({ code: 'ADDRESS', endpoint })
    expect(error.message).toBe(
      `${reason} in "${endpoint}"; write tcp://127.0.0.1:5555, tcp://[::1]:5555 or tcp://name:5555, or tcp://*:5555 to bind`,
    )
  })

  test.each([
    ['127.0.0.1', 'tcp://127.0.0.1:5555'],
    ['::1', 'tcp://[::1]:5555'],
    ['fe80::1%eth0', 'tcp://[fe80::1%eth0]:5555'],
    ['localhost', 'tcp://localhost:5555'],
  ])('%s is written as %s, and read back', (host, endpoint) => {
    expect(formatTcp(host, 5555)).toBe(endpoint)
    expect(parseTcp(endpoint).host).toBe(host)
  })
})

describe('ipc', () => {
  test.each([
    ['ipc:///tmp/a.sock', '/tmp/a.sock', false],
    ['ipc://a.sock', 'a.sock', false],
    ['ipc://../a b/größe', '../a b/größe', false],
    ['ipc://@name', 'name', true],
    ['ipc://*', '*', false],
  ])('%s has the path or name %s', (endpoint, path, abstract) => {
    expect(parseIpc(endpoint)).toEqual({ scheme: 'ipc', path, abstract })
  })

  test.each(['ipc://', 'ipc://@', 'ipc:///tmp/a\0b', 'tcp://a'])(
    '%j is refused: the error shows what to write',
    endpoint => {
      const error = errorOf(() => parseIpc(endpoint))
      expect(error.endpoint).toBe(endpoint)
      expect(error.message).toContain('write ipc:///tmp/name.sock or ipc://@name')
    },
  )

  test('a path may have as many bytes as fit, and not one more', () => {
    expect(parseIpc(`ipc://${'a'.repeat(MAX_IPC_PATH)}`).path.length).toBe(MAX_IPC_PATH)
    expect(parseIpc(`ipc://@${'a'.repeat(MAX_IPC_PATH)}`).path.length).toBe(MAX_IPC_PATH)
    const error = errorOf(() => parseIpc(`ipc://${'ü'.repeat(60)}`))
    expect(error.message).toContain(`has 120 bytes; Unix sockets allow ${MAX_IPC_PATH}`)
  })

  test('a fresh path can be bound but not connected to', () => {
    expect(errorOf(() => parseIpc('ipc://*', true)).message).toContain('cannot connect to "ipc://*"')
  })
})

describe('inproc', () => {
  test.each(['inproc://a', 'inproc://a/b c', 'inproc://größe', 'inproc://*'])('%s has a name', endpoint => {
    expect(parseInproc(endpoint)).toEqual({ scheme: 'inproc', name: endpoint.slice(9) })
  })

  test.each(['inproc://', 'inproc:', 'ipc://a'])('%s is refused: the error shows what to write', endpoint => {
    expect(errorOf(() => parseInproc(endpoint)).message).toBe(
      `not an inproc endpoint: "${endpoint}"; write inproc://name`,
    )
  })
})

test('a long endpoint that is none takes time that grows with its length only', () => {
  const started = performance.now()
  for (const many of [':', '.:', ']:', 'a', '0', ' ', '[']) {
    const text = many.repeat(500_000)
    for (const endpoint of [`tcp://[${text}x]:1`, `tcp://h:x${text}`, `tcp://${text}`])
      expect(() => parseTcp(endpoint)).toThrow(AddressError)
    expect(() => schemeOf(`-${text}://`)).toThrow(AddressError)
  }
  expect(performance.now() - started).toBeLessThan(5000)
})
