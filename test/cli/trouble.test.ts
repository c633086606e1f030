/** What goes wrong: one line, the documented exit code, nothing lost that was read. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Dealer, Push, raw, text } from 'typedmq'
import { describe, expect, test } from 'vitest'
import { directory, program, Running, typedmq, useProgram } from './typedmq.ts'

useProgram()

const ANY = 'tcp://127.0.0.1:0'
/** Nobody listens on a path that is not there. */
const NOBODY = 'ipc:///nowhere/at/all'

describe.concurrent('Wrong usage ends with 2 and one line', () => {
  test.each([
    [['pusj'], "unknown command 'pusj' (Did you mean push?)"],
    [['push', '--cuont', '3'], "unknown option '--cuont' (Did you mean --count?)"],
    [['push', '--count', '-1'], 'a whole number'],
    [['pull', '--timeout', 'soon'], 'seconds such as 0.5'],
    [['pull', '--format', 'xml'], 'Allowed choices are text, json, ndjson, msgpack, hex, raw'],
    [['pull'], 'no peer: give --bind, --connect or --name'],
    [['pull', '-c', NOBODY, '--curve-keys', 'x'], '--curve-keys needs'],
    [['pull', '-c', NOBODY, '--hwm', '0'], 'at least 1'],
    [['pub', '-b', ANY, '-f', 'raw'], 'give --topic'],
  ])('%j', async (args, text) => {
    const { code, stdout, stderr } = await typedmq(args)
    expect(stderr).toMatch(/^typedmq: .*\n$/)
    expect(stderr).toContain(text)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

describe.concurrent('Endpoints that cannot be used end with 5', () => {
  test.each([['nonsense'], ['tcp://127.0.0.1:70000'], ['foo://bar'], ['tcp://192.0.2.1:5555']])(
    '%s',
    async endpoint => {
      const { code, stderr } = await typedmq(['pull', '--bind', endpoint])
      expect(stderr).toMatch(/^typedmq: .*\n$/)
      expect(code).toBe(5)
    },
  )
})

describe('Lines that do not match', () => {
  const lines = '{"a":1}\noops\n{"b":2}\n'

  test('are named by number and skipped; the others arrive', async () => {
    await using pull = new Running(['pull', '-b', ANY, '-n', '2', '-f', 'ndjson'])
    const push = await typedmq(['push', '-c', await pull.bound(), '-f', 'json'], lines)
    expect(push.code).toBe(4)
    expect(push.stderr).toMatch(/^typedmq: line 2: not JSON: .*\n$/)
    expect((await pull.outcome).stdout).toBe('{"a":1}\n{"b":2}\n')
  })

  test('are the end with --strict; what was read before arrives', async () => {
    await using push = new Running(['push', '-b', ANY, '-f', 'json', '--strict'])
    push.child.stdin.end(lines)
    const pull = await typedmq(['pull', '-c', await push.bound(), '-f', 'ndjson', '-t', '1'])
    expect(pull).toMatchObject({ code: 0, stdout: '{"a":1}\n' })
    const { code, stderr } = await push.outcome
    expect(stderr).toMatch(/\ntypedmq: line 2: .*\n$/)
    expect(code).toBe(4)
  })

  test.each([
    ['text', '\xff', 'not UTF-8'],
    ['hex', 'abc', 'not hex'],
  ])('%s: %j', async (format, line, text) => {
    await using pull = new Running(['pull', '-b', ANY])
    const child = new Running(['push', '-c', await pull.bound(), '-f', format])
    child.child.stdin.end(Buffer.from(`${line}\n`, 'latin1'))
    const { code, stderr } = await child.outcome
    expect(stderr).toContain(`line 1: `)
    expect(stderr).toContain(text)
    expect(code).toBe(4)
  })
})

test('a message that does not match the format is skipped and told of', async () => {
  await using pull = new Running(['pull', '-b', ANY, '-n', '1', '-f', 'json'])
  await typedmq(['push', '-c', await pull.bound()], 'no json\n7\n')
  const { code, stdout, stderr } = await pull.outcome
  expect(stderr).toContain('received: codec json cannot decode')
  expect({ code, stdout }).toEqual({ code: 4, stdout: '7\n' })
})

describe('A peer ends no program', () => {
  test('that leaves before it has what it sent back', async () => {
    await using router = new Running(['router', '-b', ANY, '--echo', '-n', '400'])
    const endpoint = await router.bound()
    for (let visit = 0; visit < 3; visit++) {
      const dealer = new Dealer<string, string>({ codec: text }).connect(endpoint)
      await dealer.connected()
      for (let sent = 0; sent < 100; sent++) await dealer.send('x')
      await dealer.close()
    }
    await using honest = new Dealer<string, string>({ codec: text }).connect(endpoint)
    await honest.send('still here?')
    expect(await honest.receive()).toBe('still here?')
  })

  test.each(['pull', 'rep'])('that sends %s a value too deep to be shown', async pattern => {
    await using running = new Running([
      pattern,
      '-b',
      ANY,
      '-f',
      'json',
      ...(pattern === 'rep' ? ['--echo'] : []),
    ])
    const endpoint = await running.bound()
    const settings = { codec: raw, linger: 0 }
    await using peer = (
      pattern === 'pull' ? new Push<any>(settings) : new Dealer<any, any>(settings)
    ).connect(endpoint)
    const head = pattern === 'pull' ? [] : [Buffer.alloc(0)]
    await peer.send([...head, Buffer.from('['.repeat(50_000) + ']'.repeat(50_000))])
    await peer.send([...head, Buffer.from('"fine"')])
    await running.prints(/"fine"/)
  })
})

describe.concurrent('Without a peer, the time-out ends with 3', () => {
  test.each([
    [['push', '-d', 'x'], 'no peer within 0.2 s'],
    [['pub', '--topic', 't', '-d', 'x'], 'no peer within 0.2 s'],
    [['req', '-d', 'x'], 'no peer within 0.2 s'],
    [['pull'], 'no message within 0.2 s'],
    [['rep', '--echo'], 'no question within 0.2 s'],
  ])('%j', async (args, text) => {
    const outcome = await typedmq([...args, '-c', NOBODY, '-t', '200ms'])
    expect(outcome).toEqual({ code: 3, stdout: '', stderr: `typedmq: ${text}\n` })
  })

  test('and so does an answer that does not come', async () => {
    await using router = new Running(['router', '-b', ANY])
    const req = await typedmq(['req', '-c', await router.bound(), '-d', 'x', '-t', '300ms'])
    expect(req).toEqual({ code: 3, stdout: '', stderr: 'typedmq: no answer within 0.3 s\n' })
  })
})

describe('Ctrl-C', () => {
  test('ends a waiting program with 130 and no word', async () => {
    await using pull = new Running(['pull', '-b', ANY])
    await pull.bound()
    pull.interrupt()
    const { code, stderr } = await pull.outcome
    expect(code).toBe(130)
    expect(stderr).toMatch(/^typedmq: bound .*\n$/)
  })

  test('lets what was read leave first', async () => {
    await using pull = new Running(['pull', '-b', ANY, '-n', '2'])
    await using push = new Running(['push', '-c', await pull.bound(), '-v'])
    await push.says(/connected/)
    push.child.stdin.write('one\ntwo\n')
    await pull.prints(/one/)
    push.interrupt()
    expect((await push.outcome).code).toBe(130)
    expect((await pull.outcome).stdout).toBe('one\ntwo\n')
  })

  test('says how much could not leave', async () => {
    await using push = new Running(['push', '-c', NOBODY, '-w', '0', '-v'])
    push.child.stdin.write('one\ntwo\n')
    await push.says(/attempt 1/)
    push.interrupt()
    const { code, stderr } = await push.outcome
    expect(stderr).toContain('typedmq: 2 messages not sent')
    expect(code).toBe(130)
  })
})

test('a reader of our output that goes ends us with 141 and no word', async () => {
  await using push = new Running(['push', '-b', ANY, '-i', '1ms', '-d', 'x'])
  const endpoint = await push.bound()
  const shell = spawn('bash', [
    '-c',
    `"$0" "$1" pull -c ${endpoint} | head -n 2; echo "$\{PIPESTATUS[0]}"`,
    process.execPath,
    program,
  ])
  let [stdout, stderr] = ['', '']
  shell.stdout.on('data', chunk => (stdout += chunk))
  shell.stderr.on('data', chunk => (stderr += chunk))
  await once(shell, 'close')
  expect({ stdout, stderr }).toEqual({ stdout: 'x\nx\n141\n', stderr: '' })
})

test('a stack is shown with --verbose only', async () => {
  expect((await typedmq(['pull', '-b', 'nonsense', '-v'])).stderr).toMatch(/\n {4}at /)
})

describe('CURVE', () => {
  test('keys of keygen let a client in; another is refused and told so', async () => {
    const [server, client] = [join(directory, 'server.json'), join(directory, 'client.json')]
    const serverKey = (await typedmq(['keygen', '-o', server])).stdout.trim()
    const clientKey = (await typedmq(['keygen', '-o', client])).stdout.trim()
    expect((await stat(server)).mode & 0o777).toBe(0o600)
    await using pull = new Running([
      ...['pull', '-b', ANY, '-n', '1', '--curve-server', '--curve-keys', server, '--curve-allow', clientKey],
    ])
    const endpoint = await pull.bound()
    const stranger = await typedmq([
      'push',
      '-c',
      endpoint,
      '--curve-server-key',
      serverKey,
      '-d',
      'x',
      '-t',
      '1',
    ])
    expect(stranger.code).toBe(3)
    expect(stranger.stderr).toMatch(/400|refus/)
    const known = ['--curve-server-key', serverKey, '--curve-keys', client]
    expect(await typedmq(['push', '-c', endpoint, ...known, '-d', 'secret'])).toMatchObject({ code: 0 })
    expect((await pull.outcome).stdout).toBe('secret\n')
  })

  test('a key file is never replaced unless asked for, and a broken one is not quoted', async () => {
    const file = join(directory, 'keys.json')
    expect((await typedmq(['keygen', '-o', file])).code).toBe(0)
    const keys = await readFile(file, 'utf8')
    expect(await typedmq(['keygen', '-o', file])).toMatchObject({ code: 1 })
    expect(await readFile(file, 'utf8')).toBe(keys)
    await writeFile(file, 'topsecret')
    const pull = await typedmq(['pull', '-b', ANY, '--curve-server', '--curve-keys', file])
    expect(pull.code).toBe(2)
    expect(pull.stderr).not.toContain('topsecret')
  })
})
