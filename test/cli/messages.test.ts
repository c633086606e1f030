/** Lines in, messages out: every pattern and format between real processes. */
import { describe, expect, test } from 'vitest'
import { Running, typedmq, useProgram } from './typedmq.ts'

useProgram()

const ANY = 'tcp://127.0.0.1:0'

/** What one process prints of what another sends. */
async function across(sender: string[], receiver: string[], input?: string): Promise<string> {
  await using receiving = new Running([...receiver, '--bind', ANY])
  const endpoint = await receiving.bound()
  const sent = await typedmq([...sender, '--connect', endpoint], input)
  expect(sent).toMatchObject({ code: 0, stderr: '' })
  const { code, stdout } = await receiving.outcome
  expect(code).toBe(0)
  return stdout
}

describe('push and pull', () => {
  test('carry each line, the one without a newline too', async () => {
    expect(await across(['push'], ['pull', '--count', '3'], 'a\nb b\nc')).toBe('a\nb b\nc\n')
  })

  test('carry JSON values as MessagePack, and print them on a line', async () => {
    const input = '{"id": 1, "tags": ["x"]}\n"two"\n'
    const format = ['--format', 'msgpack']
    expect(await across(['push', ...format], ['pull', '--count', '2', ...format], input)).toBe(
      '{"id":1,"tags":["x"]}\n"two"\n',
    )
  })

  test('print json over several lines and ndjson on one', async () => {
    expect(await across(['push', '-f', 'ndjson'], ['pull', '-n', '1', '-f', 'json'], '{"a":1}\n')).toBe(
      '{\n  "a": 1\n}\n',
    )
  })

  test('carry bytes: hex digits, and all of the input as one raw message', async () => {
    expect(await across(['push', '-f', 'hex'], ['pull', '-n', '1', '-f', 'raw'], '00 ff41\n')).toHaveLength(3)
    expect(await across(['push', '-f', 'raw'], ['pull', '-n', '1', '-f', 'hex'], 'a\nb')).toBe('610a62\n')
  })

  test('carry several parts with tabs between, or as an array', async () => {
    const multipart = await across(['push', '-m'], ['pull', '-m', '-n', '1', '-f', 'hex'], 'ab\tc\n')
    expect(multipart).toBe('6162\t63\n')
    const array = ['-m', '-f', 'ndjson']
    expect(await across(['push', ...array], ['pull', '-n', '1', ...array], '[1, {"b": 2}]\n')).toBe(
      '[1,{"b":2}]\n',
    )
  })

  test('repeat --data until --count is reached, with a pause between', async () => {
    const sender = ['push', '--data', 'x', '--data', 'y', '--count', '3', '--interval', '10ms']
    expect(await across(sender, ['pull', '-n', '3'])).toBe('x\ny\nx\n')
  })

  test('end quietly when nothing comes for the time-out after something came', async () => {
    await using push = new Running(['push', '--bind', ANY, '-d', 'x'])
    const pull = await typedmq(['pull', '-c', await push.bound(), '--timeout', '1'])
    expect(pull).toEqual({ code: 0, stdout: 'x\n', stderr: '' })
  })

  test('carry 50,000 lines without losing one', async () => {
    const lines = Array.from({ length: 50_000 }, (_, number) => `${number}\n`).join('')
    expect(await across(['push'], ['pull', '-n', '50000'], lines)).toBe(lines)
  })
})

describe('pub and sub', () => {
  test('wait for a subscriber before the first message', async () => {
    await using pub = new Running(['pub', '--bind', ANY, '--topic', 'time', '-d', 'now'])
    const sub = await typedmq(['sub', '-c', await pub.bound(), '-s', 'ti', '-n', '1'])
    expect(sub.stdout).toBe('time\tnow\n')
    expect((await pub.outcome).code).toBe(0)
  })

  test('take the topic from the line, and print what can be published again', async () => {
    await using pub = new Running(['pub', '--bind', ANY, '-f', 'ndjson'])
    pub.child.stdin.end('{"topic":"a","value":{"b":1}}\n')
    const sub = await typedmq(['sub', '-c', await pub.bound(), '-n', '1', '-f', 'ndjson'])
    expect(sub.stdout).toBe('{"topic":"a","value":{"b":1}}\n')
  })
})

describe('req and rep', () => {
  test('ask each line and print its answer', async () => {
    await using rep = new Running(['rep', '--bind', ANY, '--echo', '-n', '2'])
    const req = await typedmq(['req', '-c', await rep.bound()], 'one\ntwo\n')
    expect(req).toEqual({ code: 0, stdout: 'one\ntwo\n', stderr: '' })
    expect(await rep.outcome).toMatchObject({ code: 0, stdout: 'one\ntwo\n' })
  })

  test('answer with the lines of the input, and tell the asker when there are no more', async () => {
    await using rep = new Running(['rep', '--bind', ANY])
    rep.child.stdin.end('yes\n')
    const req = await typedmq(['req', '-c', await rep.bound()], 'really?\nagain?\n')
    expect(req).toEqual({ code: 1, stdout: 'yes\n', stderr: 'typedmq: no more answers\n' })
  })
})

describe('dealer, router and pair', () => {
  test('a router prints who asks, and echoes to requests and dealers', async () => {
    await using router = new Running(['router', '--bind', ANY, '--echo', '-n', '2'])
    const endpoint = await router.bound()
    expect((await typedmq(['req', '-c', endpoint, '-d', 'hi'])).stdout).toBe('hi\n')
    const dealer = await typedmq(['dealer', '-c', endpoint, '-d', 'ho', '-n', '1', '--routing-id', 'bob'])
    expect(dealer.stdout).toBe('ho\n')
    expect((await router.outcome).stdout).toMatch(/^0x[0-9a-f]+\thi\nbob\tho\n$/)
  })

  test('a line of a router goes to the peer it names', async () => {
    await using router = new Running(['router', '--bind', ANY])
    await using dealer = new Running(['dealer', '-c', await router.bound(), '--routing-id', 'bob', '-n', '1'])
    dealer.child.stdin.write('hello\n')
    await router.prints(/bob\thello/)
    router.child.stdin.write('bob\tand you\n')
    expect(await dealer.outcome).toMatchObject({ code: 0, stdout: 'and you\n' })
  })

  test('pairs talk both ways until they are interrupted', async () => {
    await using one = new Running(['pair', '--bind', ANY])
    await using other = new Running(['pair', '-c', await one.bound()])
    one.child.stdin.write('ping\n')
    await other.prints(/ping/)
    other.child.stdin.write('pong\n')
    await one.prints(/pong/)
    one.interrupt()
    expect(await one.outcome).toMatchObject({ code: 130, stdout: 'pong\n' })
  })
})

test('a proxy passes requests on', async () => {
  await using proxy = new Running(['proxy', '--front-bind', ANY, '--back-bind', ANY])
  const [, front, back] = await proxy.says(/bound (\S+)\n[\s\S]*bound (\S+)/)
  await using rep = new Running(['rep', '-c', back!, '-d', 'fine', '-n', '1'])
  expect((await typedmq(['req', '-c', front!, '-d', 'how?'])).stdout).toBe('fine\n')
  expect((await rep.outcome).stdout).toBe('how?\n')
  proxy.interrupt()
  expect((await proxy.outcome).code).toBe(130)
})
