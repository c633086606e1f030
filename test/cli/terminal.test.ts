/** The command line at a terminal: colours, progress, the live table, Ctrl-C, completion. */
import { describe, expect, test } from 'vitest'
import { Screen } from './screen.ts'
import { Running, useProgram } from './typedmq.ts'

useProgram()

/** Reads the statistics of one `pull` that gets messages from one `push`. */
async function watched() {
  const pull = new Running(['pull', '-b', 'tcp://127.0.0.1:0', '--stats'])
  const endpoint = await pull.bound()
  const statistics = (await pull.says(/statistics at (\S+)/))[1]!
  const push = new Running(['push', '-c', endpoint, '-d', 'x', '-i', '5ms', '--routing-id', 'feeder'])
  await pull.prints(/x/)
  return { statistics, [Symbol.asyncDispose]: async () => void (await Promise.all([push, pull].map(end))) }
}

function end(running: Running): Promise<void> {
  return running[Symbol.asyncDispose]()
}

describe('top', () => {
  test('shows sockets, their peers, rates and marks; s sorts, p pauses, q leaves the screen as it was', async () => {
    await using source = await watched()
    await using screen = await Screen.open()
    await screen.type(`typedmq top -c ${source.statistics} -i 100ms\n`)
    const table = await screen.until(/PUSH +feeder +ready +0 +\d+ +0\/1k +0\/1k/)
    expect(table).toMatch(/typedmq top - 1 program, by name/)
    expect(table).toMatch(/PULL +tcp:\/\/127\.0\.0\.1:\d+ +1 peer/)
    await screen.type('s')
    await screen.until(/by rate/)
    await screen.type('p')
    await screen.until(/by rate, paused/)
    await screen.type('q')
    const after = await screen.until(/^\$ typedmq top[\s\S]*\n\$/m)
    expect(after).not.toContain('PULL')
    await screen.type('echo code $?\n')
    await screen.until(/^code 0/m)
  })

  test('Ctrl-C ends it with 130 and gives the terminal back', async () => {
    await using screen = await Screen.open()
    await screen.type('typedmq top -c tcp://127.0.0.1:9\n')
    await screen.until(/0 programs|1 program/)
    await screen.key('C-c')
    await screen.until(/^\$ typedmq top[\s\S]*\n\$/m)
    await screen.type('echo code $?\n')
    await screen.until(/^code 130/m)
  })
})

test('bench draws a progress bar, and in the end a histogram without a trace of the bar', async () => {
  await using screen = await Screen.open()
  await screen.type('typedmq bench --duration 1\n')
  await screen.until(/throughput +█+░+ \d+ %/)
  const report = await screen.until(/round trip {2}p50/)
  expect(report).toMatch(/throughput {2}[\d,]+ messages\/s/)
  expect(report).not.toContain('░')
})

test('errors are red on a terminal, and plain with NO_COLOR', async () => {
  await using screen = await Screen.open()
  await screen.type('typedmq pull\n')
  await screen.until('\x1b[31mtypedmq: ', { colours: true })
  await screen.type('clear; NO_COLOR=1 typedmq pull\n')
  const plain = await screen.until(/^typedmq: no peer/m, { colours: true })
  expect(plain).not.toContain('\x1b[31m')
})

describe('What a peer sends', () => {
  const ATTACK = '\x1b]0;owned\x07\x1b[31m\u009b32m\r'

  test('never reaches the terminal as a control sequence: text and raw', async () => {
    await using push = new Running(['push', '-b', 'tcp://127.0.0.1:0', '-i', '1ms', '-d', ATTACK])
    const endpoint = await push.bound()
    await using screen = await Screen.open()
    for (const format of ['text', 'raw']) {
      await screen.type(`clear; typedmq pull -c ${endpoint} -n 1 -f ${format}; echo\n`)
      const shown = await screen.until('\\u001b]0;owned\\u0007\\u001b[31m\\u009b32m\\u000d', {
        colours: true,
      })
      expect(shown).not.toContain('\x1b[31m')
    }
  })

  test('never reaches the terminal as a control sequence: json', async () => {
    await using push = new Running([
      ...['push', '-b', 'tcp://127.0.0.1:0', '-f', 'json', '-d', JSON.stringify(ATTACK)],
    ])
    const endpoint = await push.bound()
    await using screen = await Screen.open()
    await screen.type(`typedmq pull -c ${endpoint} -n 1 -f json\n`)
    await screen.until('"\\u001b]0;owned\\u0007\\u001b[31m\\u009b32m\\r"', { colours: true })
  })
})

test('two pairs talk between two terminals; Ctrl-C and Ctrl-D leave', async () => {
  await using one = await Screen.open()
  await using other = await Screen.open()
  await one.type('typedmq pair --bind tcp://127.0.0.1:*\n')
  const [, endpoint] = /bound (\S+)/.exec(await one.until(/bound (\S+)/))!
  await other.type(`typedmq pair --connect ${endpoint} --count 1\n`)
  await other.type('hello there\n')
  await one.until(/^hello there/m)
  await one.type('general\n')
  await other.until(/^general\n\$/m)
  await one.key('C-c')
  await one.type('echo code $?\n')
  await one.until(/^code 130/m)
})

describe('Completion', () => {
  test('bash completes commands, options and formats', async () => {
    await using screen = await Screen.open('bash')
    await screen.type('eval "$(typedmq completion bash)"; clear\n')
    await screen.until(/^\$ *$/m)
    await screen.type('typedmq ben')
    await screen.key('Tab')
    await screen.type('--dur')
    await screen.key('Tab')
    await screen.until(/\$ typedmq bench --duration/)
    await screen.key('C-u')
    await screen.type('typedmq pull --format msg')
    await screen.key('Tab')
    await screen.until(/--format msgpack/)
  })

  test('zsh completes commands, options and formats', async () => {
    await using screen = await Screen.open('zsh')
    await screen.type('autoload -U compinit && compinit -D; eval "$(typedmq completion zsh)"; clear\n')
    await screen.until(/^\$ *$/m)
    await screen.type('typedmq ben')
    await screen.key('Tab')
    await screen.type('--dur')
    await screen.key('Tab')
    await screen.until(/\$ typedmq bench --duration/)
    await screen.key('C-u')
    await screen.type('typedmq pull --format msg')
    await screen.key('Tab')
    await screen.until(/--format msgpack/)
  })
})
