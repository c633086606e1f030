import { describe, expect, test } from 'vitest'
import { OptionError } from '../../src/errors.ts'
import { completeOptions } from '../../src/options.ts'

function errorOf(given: unknown): OptionError {
  try {
    completeOptions(given as object)
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError)
    return error as OptionError
  }
  throw new Error('nothing was thrown')
}

describe('options', () => {
  test('have the defaults that their documentation names', () => {
    expect(completeOptions({})).toEqual({
      sendHighWaterMark: 1000,
      sendHighWaterMarkBytes: 67_108_864,
      receiveHighWaterMark: 1000,
      receiveHighWaterMarkBytes: 67_108_864,
      immediate: false,
      routingId: '',
      linger: 5000,
      heartbeatInterval: 10_000,
      heartbeatTimeout: 30_000,
      stallTimeout: Infinity,
      handshakeTimeout: 10_000,
      connectTimeout: 5000,
      reconnectInterval: 100,
      reconnectIntervalMax: 5000,
      maxMessageSize: 67_108_864,
      maxParts: 1_000,
      maxDecodedSize: 268_435_456,
      maxDepth: 256,
      maxSubscriptions: 100_000,
      maxTopics: 100_000,
      maxHandshakeSize: 16_384,
      maxHandshakes: 10_000,
      maxPeers: 15_000,
      maxDepartedBytes: 64 * 1024 * 1024,
      backlog: 4_096,
      tcpKeepAlive: 30_000,
      onFull: undefined,
      dispatch: 'round-robin',
      mandatory: true,
      handover: false,
      verbose: false,
      strict: false,
      unref: false,
      copy: false,
      trace: false,
    })
  })

  test('take what is given, then the defaults of the socket, then the general ones', () => {
    const options = completeOptions(
      { linger: 0, copy: undefined },
      { linger: 7, onFull: 'drop-newest', copy: true },
    )
    expect(options).toMatchObject({ linger: 0, onFull: 'drop-newest', copy: true, backlog: 4_096 })
  })

  test('are frozen, and the object that was given is left alone', () => {
    const given = { linger: 0 }
    expect(Object.isFrozen(completeOptions(given))).toBe(true)
    expect(given).toEqual({ linger: 0 })
  })

  test.each([
    ['linger', [0, 0.5, 2_147_483_647, Infinity]],
    ['heartbeatInterval', [1, Infinity]],
    ['sendHighWaterMark', [1, 1_000_000, Infinity]],
    ['maxMessageSize', [0, Infinity]],
    ['backlog', [1, 65_535]],
    ['routingId', ['a', 'é'.repeat(127), new Uint8Array(255).fill(1), Buffer.from([1, 0])]],
    ['onFull', ['drop-newest', 'drop-oldest', 'wait', 'reject']],
    ['mandatory', [true, false]],
  ])('%s takes every possible value', (name, values) => {
    for (const value of values) expect(completeOptions({ [name]: value })).toHaveProperty(name, value)
  })

  test.each([
    ['linger', -1, 'option linger is -1; it must be milliseconds from 0 to 2147483647, or Infinity'],
    ['linger', Number.NaN, 'option linger is NaN; it must be milliseconds from 0 to 2147483647, or Infinity'],
    ['linger', '5', 'option linger is "5"; it must be milliseconds from 0 to 2147483647, or Infinity'],
    [
      'linger',
      2 ** 31,
      'option linger is 2147483648; it must be milliseconds from 0 to 2147483647, or Infinity',
    ],
    ['linger', null, 'option linger is null; it must be milliseconds from 0 to 2147483647, or Infinity'],
    [
      'heartbeatInterval',
      0,
      'option heartbeatInterval is 0; it must be milliseconds from 1 to 2147483647, or Infinity',
    ],
    [
      'sendHighWaterMark',
      0,
      'option sendHighWaterMark is 0; it must be a whole number of at least 1, or Infinity',
    ],
    [
      'sendHighWaterMark',
      1.5,
      'option sendHighWaterMark is 1.5; it must be a whole number of at least 1, or Infinity',
    ],
    [
      'sendHighWaterMark',
      5n,
      'option sendHighWaterMark is 5; it must be a whole number of at least 1, or Infinity',
    ],
    ['maxParts', Infinity, 'option maxParts is Infinity; it must be a whole number of at least 1'],
    ['backlog', -Infinity, 'option backlog is -Infinity; it must be a whole number of at least 1'],
    ['unref', 1, 'option unref is 1; it must be true or false'],
    ['copy', {}, 'option copy is an object; it must be true or false'],
    ['copy', Object.create(null), 'option copy is an object; it must be true or false'],
    ['copy', [true], 'option copy is an array; it must be true or false'],
    ['copy', () => true, 'option copy is a function; it must be true or false'],
    ['copy', Symbol('x'), 'option copy is Symbol(x); it must be true or false'],
    ['dispatch', 'random', "option dispatch is \"random\"; it must be 'round-robin' or 'least-queued'"],
    ['dispatch', '', "option dispatch is \"\"; it must be 'round-robin' or 'least-queued'"],
  ])(
    '%s (%#): a wrong value is refused, quoting it and saying what would be right',
    (name, value, message) => {
      const error = errorOf({ [name]: value })
      expect(error).toMatchObject({ code: 'OPTION', option: name, message })
    },
  )

  test.each([
    ['', '""'],
    ['\0a', '"\0a"'],
    ['a'.repeat(256), `"${'a'.repeat(100)}"`],
    ['é'.repeat(128), `"${'é'.repeat(100)}"`],
    [new Uint8Array(0), '0 bytes'],
    [new Uint8Array(256).fill(1), '256 bytes'],
    [7, '7'],
    [[1], 'an array'],
  ])('a routing id is 1 to 255 bytes and starts with no zero byte (%#)', (value, shown) => {
    expect(errorOf({ routingId: value }).message).toBe(
      `option routingId is ${shown}; it must be a string or Uint8Array of 1 to 255 bytes that does not start with a zero byte`,
    )
  })

  test.each(['lingerr', 'Linger', 'toString', 'constructor', '__proto__'])(
    'the unknown name %s is refused, and the known ones are listed',
    name => {
      const error = errorOf(JSON.parse(`{ "${name}": 1 }`))
      expect(error.option).toBe(name)
      expect(error.message).toMatch(
        new RegExp(`^unknown option "${name}"; known are sendHighWaterMark, .*linger`),
      )
    },
  )

  test.each([
    ['tcp://127.0.0.1:5555', '"tcp://127.0.0.1:5555"'],
    [null, 'null'],
    [5, '5'],
    [[], 'an array'],
  ])('what is no object of options is refused (%j)', (given, shown) => {
    expect(errorOf(given).message).toBe(
      `the options are ${shown}; they must be an object, such as { linger: 0 }`,
    )
  })
})
