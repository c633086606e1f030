/** push pull pub sub dealer router pair: sockets with a line a message. */
import { Command } from 'commander'
import type { CommandRun, Perform } from '../command-run.ts'
import { CommandSocket, checkPeers } from '../command-socket.ts'
import { usage } from '../exit.ts'
import { type Format, formatOf } from '../format.ts'
import type { Head } from '../line-message.ts'
import { type LineSocket, type LineSocketType, openLineSocket } from '../line-socket.ts'
import {
  collect,
  countOption,
  formatOptions,
  generalOptions,
  inputOptions,
  type MessageOptions,
  peerOptions,
  securityOptions,
} from '../options.ts'
import { receiveAll, sendAll } from '../transfer.ts'

interface MessageCommand {
  readonly type: LineSocketType
  readonly summary: string
  readonly head?: Head
  readonly direction: 'send' | 'receive' | 'both'
  readonly example: string
}

const COMMANDS: readonly MessageCommand[] = [
  {
    type: 'push',
    summary: 'send each line to one of the pulls that are connected',
    direction: 'send',
    example: 'seq 1000 | typedmq push --bind tcp://*:5555',
  },
  {
    type: 'pull',
    summary: 'print what pushes send',
    direction: 'receive',
    example: 'typedmq pull --connect tcp://localhost:5555 --count 10',
  },
  {
    type: 'pub',
    summary: 'publish lines: a topic, a tab and a value',
    head: 'topic',
    direction: 'send',
    example: 'date | typedmq pub --bind tcp://*:5556 --topic time',
  },
  {
    type: 'sub',
    summary: 'print what is published under some topics',
    head: 'topic',
    direction: 'receive',
    example: 'typedmq sub --connect tcp://localhost:5556 --subscribe time --format msgpack',
  },
  {
    type: 'dealer',
    summary: 'deal lines out to routers or replies, and print what they answer',
    direction: 'both',
    example: 'typedmq dealer --connect tcp://localhost:5557 --data hello --count 1',
  },
  {
    type: 'router',
    summary: 'print messages with the name of their peer, and send lines to the peer they name',
    head: 'peer',
    direction: 'both',
    example: 'typedmq router --bind tcp://*:5557 --echo',
  },
  {
    type: 'pair',
    summary: 'talk to one other pair',
    direction: 'both',
    example: 'typedmq pair --bind ipc:///tmp/talk',
  },
]

export function messageCommands(perform: Perform): Command[] {
  return COMMANDS.map(definition => {
    const { type, summary, head, direction, example } = definition
    const command = new Command(type).description(summary)
    formatOptions(command, head)
    if (type === 'pub')
      command.option('--topic <topic>', 'the topic of every line; lines have none of their own then')
    if (type === 'sub')
      command.option('-s, --subscribe <prefix>', 'topics to receive; default all (repeatable)', collect)
    if (direction !== 'receive') inputOptions(command)
    if (direction === 'both') command.option('-e, --echo', 'send back what is received; reads no input')
    countOption(
      command,
      direction === 'send' ? 'end after so many messages' : 'end after so many received messages',
    )
    securityOptions(peerOptions(command))
    generalOptions(command).addHelpText('after', `\nExample:\n  ${example}`)
    return command.action((options: MessageOptions) =>
      perform(options, run => exchange(run, definition, options)),
    )
  })
}

async function exchange(
  run: CommandRun,
  { type, head, direction }: MessageCommand,
  options: MessageOptions,
): Promise<void> {
  checkPeers(options)
  const fixed = head === 'topic' ? options.topic : options.to
  const layout = { head, fixed, multipart: options.multipart === true }
  if (
    options.format === 'raw' &&
    direction !== 'receive' &&
    head !== undefined &&
    fixed === undefined &&
    !options.echo
  ) {
    throw usage(`--format raw has no place for a ${head}: give --${head === 'topic' ? 'topic' : 'to'}`)
  }
  const format = formatOf(options.format, layout)
  // What is printed names its peer or topic, whatever is sent.
  const shown = fixed === undefined ? format : formatOf(options.format, { ...layout, fixed: undefined })
  const lineSocket = openLineSocket(type, format, options)
  const commandSocket = await CommandSocket.start(run, lineSocket.socket, options)
  try {
    if (direction !== 'receive' && options.wait > 0) {
      const { ready } = lineSocket
      await commandSocket.connected(options.wait, ready && (operation => ready(options.wait, operation)))
    }
    if (direction === 'send') await sendAll(run, lineSocket, format, options)
    else if (direction === 'receive' || options.echo) await receiveAll(run, lineSocket, shown, options)
    else await converse(run, lineSocket, [format, shown], options)
  } finally {
    await commandSocket.close()
  }
}

/** Both directions at once, until enough has been received; with a count of 0, until all is sent. */
async function converse(
  run: CommandRun,
  lineSocket: LineSocket,
  [format, shown]: readonly [Format, Format],
  options: MessageOptions,
): Promise<void> {
  const enough = new AbortController()
  const signal = AbortSignal.any([run.signal, enough.signal])
  const sending = sendAll(run, lineSocket, format, { ...options, count: undefined }, signal)
  try {
    if (options.count === 0) await sending
    else await Promise.race([receiveAll(run, lineSocket, shown, options), failureOf(sending)])
  } finally {
    enough.abort()
    await sending.catch(() => {})
  }
}

/** Never resolves. */
function failureOf(work: Promise<void>): Promise<never> {
  return new Promise((_, reject) => work.catch(reject))
}
