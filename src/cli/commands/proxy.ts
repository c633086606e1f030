/** proxy: a broker in one line. */
import { Command, Option } from 'commander'
import { Dealer, Pull, Push, proxy, Router, raw, type Socket, XPublisher, XSubscriber } from '../../index.ts'
import type { CommandRun, Perform } from '../command-run.ts'
import { CommandSocket, settingsOf } from '../command-socket.ts'
import { usage } from '../exit.ts'
import { collect, generalOptions, type PeerOptions, securityOptions } from '../options.ts'

const KINDS = ['requests', 'topics', 'work'] as const

interface ProxyOptions extends PeerOptions {
  readonly kind: (typeof KINDS)[number]
  readonly frontBind?: readonly string[]
  readonly frontConnect?: readonly string[]
  readonly backBind?: readonly string[]
  readonly backConnect?: readonly string[]
}

export function proxyCommand(perform: Perform): Command {
  const kinds = 'requests (router to dealer), topics (xsub to xpub) or work (pull to push)'
  const command = new Command('proxy')
    .description('pass messages on between two sockets')
    .addOption(new Option('-k, --kind <kind>', `what passes: ${kinds}`).choices(KINDS).default('requests'))
    .option('--front-bind <endpoint>', 'where those who send are met (repeatable)', collect)
    .option('--front-connect <endpoint>', 'the same, connecting (repeatable)', collect)
    .option('--back-bind <endpoint>', 'where those who receive are met (repeatable)', collect)
    .option('--back-connect <endpoint>', 'the same, connecting (repeatable)', collect)
    .option('--stats [endpoint]', 'let `typedmq top` read the counters of the front')
  generalOptions(securityOptions(command))
  return command
    .addHelpText(
      'after',
      '\nExample:\n  typedmq proxy --kind topics --front-bind tcp://*:5556 --back-bind tcp://*:5557',
    )
    .action((options: ProxyOptions) => perform(options, run => pass(run, options)))
}

async function pass(run: CommandRun, options: ProxyOptions): Promise<void> {
  const { frontBind, frontConnect, backBind, backConnect } = options
  if (!(frontBind ?? frontConnect)) throw usage('no front: give --front-bind or --front-connect')
  if (!(backBind ?? backConnect)) throw usage('no back: give --back-bind or --back-connect')
  const { front, back, forward } = between(options)
  const ends: CommandSocket[] = []
  try {
    ends.push(await CommandSocket.start(run, front, { ...options, bind: frontBind, connect: frontConnect }))
    ends.push(
      await CommandSocket.start(run, back, {
        ...options,
        stats: undefined,
        bind: backBind,
        connect: backConnect,
      }),
    )
    await forward(run.signal)
  } finally {
    await Promise.all(
      [front, back].map(async (socket, end) => (ends[end] ? ends[end].close() : socket.close())),
    )
  }
}

interface Sides {
  readonly front: Socket
  readonly back: Socket
  readonly forward: (signal: AbortSignal) => Promise<void>
}

function between(options: ProxyOptions): Sides {
  const settings = { ...settingsOf(options), codec: raw }
  switch (options.kind) {
    case 'requests': {
      const [front, back] = [new Router(settings), new Dealer(settings)]
      return { front, back, forward: signal => proxy(front, back, { signal }) }
    }
    case 'topics': {
      const [front, back] = [new XSubscriber(settings), new XPublisher(settings)]
      return { front, back, forward: signal => proxy(front, back, { signal }) }
    }
    case 'work': {
      const [front, back] = [new Pull(settings), new Push(settings)]
      return { front, back, forward: signal => proxy(front, back, { signal }) }
    }
  }
}
