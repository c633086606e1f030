/** discover: who is announced on the LAN. */

import { Command, Option } from 'commander'
import { ANY_NAME, mdns, type Service } from '../../discovery/index.ts'
import type { CommandRun, Perform, RunOptions } from '../command-run.ts'
import { describeError, EXIT, ExitError, oneLine } from '../exit.ts'
import { collect, duration } from '../options.ts'
import { print } from '../output.ts'
import { paint, type Text } from '../paint.ts'
import { table } from '../screen.ts'

interface DiscoverOptions extends RunOptions {
  readonly watch?: boolean | undefined
  readonly json?: boolean | undefined
  readonly timeout: number
  readonly interface?: readonly string[] | undefined
}

export function discoverCommand(perform: Perform): Command {
  return new Command('discover')
    .description('list the sockets that are announced on the LAN')
    .argument('[name]', 'only those of this name', ANY_NAME)
    .option('-w, --watch', 'go on, and tell of each that comes or goes')
    .option('--json', 'an object a line')
    .addOption(
      new Option('-t, --timeout <seconds>', 'how long to listen').argParser(duration).default(2000, '2'),
    )
    .option('--interface <name>', 'network interface (repeatable)', collect)
    .option('-v, --verbose', 'errors with their stack')
    .addHelpText(
      'after',
      '\nExamples:\n  typedmq discover\n  typedmq discover jobs --watch --json\n\nEnds with 3 when nobody was found.',
    )
    .action((name: string, options: DiscoverOptions) => perform(options, run => discover(run, name, options)))
}

async function discover(run: CommandRun, name: string, options: DiscoverOptions): Promise<void> {
  const { watch = false, json = false, timeout, interface: interfaces } = options
  await using discovery = mdns(interfaces === undefined ? {} : { interfaces })
  discovery.events?.on('error', error => run.tell(describeError(error), 'always'))
  const enough = watch ? run.signal : AbortSignal.any([run.signal, AbortSignal.timeout(timeout)])
  const found = new Map<string, Service>()
  for await (const { kind, service } of discovery.watch(name, enough)) {
    if (kind === 'up') found.set(service.instance, service)
    else found.delete(service.instance)
    if (!watch) continue
    const line = json
      ? JSON.stringify({ kind, ...service })
      : `${kind.padEnd(4)}  ${cellsOf(service).map(oneLine).join('  ')}`
    await print(`${line}\n`, run.signal)
  }
  if (watch || run.signal.aborted) return
  if (found.size === 0) throw new ExitError(EXIT.timeout, `nobody announced within ${timeout / 1000} s`)
  const services = [...found.values()].sort((a, b) => a.name.localeCompare(b.name))
  await print(
    json ? services.map(service => `${JSON.stringify(service)}\n`).join('') : listOf(services),
    run.signal,
  )
}

const HEADINGS = ['NAME', 'TYPE', 'CODEC', 'SECURITY', 'ENDPOINTS', 'META']

function listOf(services: readonly Service[]): Text {
  const [headings, ...rows] = table([HEADINGS, ...services.map(cellsOf)])
  return [paint('bold', headings!), '\n', ...rows.map(row => `${row}\n`)]
}

function cellsOf({ name, socketType, codec, mechanism, endpoints, meta = {} }: Service): string[] {
  const words = Object.entries(meta).map(([key, value]) => `${key}=${value}`)
  return [name, socketType ?? '-', codec ?? '-', mechanism ?? '-', endpoints.join(' '), words.join(' ')]
}
