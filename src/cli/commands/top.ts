/** top: the queues, marks, rates and drops of running programs, live. */
import { Command, Option } from 'commander'
import { ANY_NAME, mdns } from '../../discovery/index.ts'
import type { CommandRun, Perform } from '../command-run.ts'
import { settingsOf } from '../command-socket.ts'
import { describeError, EXIT, ExitError } from '../exit.ts'
import { collect, duration, generalOptions, type PeerOptions, securityOptions } from '../options.ts'
import { out, print } from '../output.ts'
import { paint, type Text } from '../paint.ts'
import { table } from '../screen.ts'
import { HEADINGS, type Row, rowsOf, SORTS, type Sort } from '../top/rows.ts'
import { pause, Sources } from '../top/sources.ts'
import { Terminal } from '../top/terminal.ts'

interface TopOptions extends PeerOptions {
  readonly interval: number
  readonly once?: boolean | undefined
}

const CTRL_C = String.fromCharCode(3)
/** Rows of one table that is printed. */
const MAX_ROWS = 10_000

export function topCommand(perform: Perform): Command {
  const command = new Command('top')
    .description('watch the queues, marks, rates and drops of programs that were started with --stats')
    .argument('[name]', 'only announced peers of this name', ANY_NAME)
    .option(
      '-c, --connect <endpoint>',
      'read this statistics endpoint, and look for no others (repeatable)',
      collect,
    )
    .option('--interface <name>', 'network interface to look on (repeatable)', collect)
    .addOption(
      new Option('-i, --interval <seconds>', 'time between two readings')
        .argParser(duration)
        .default(1000, '1'),
    )
    .option('--once', 'print one table and end, as when the output is no terminal')
  generalOptions(securityOptions(command))
  return command
    .addHelpText(
      'after',
      '\nKeys: q quits, s sorts by the next column, p pauses.\n\nExamples:\n  typedmq top\n  typedmq top --connect tcp://127.0.0.1:7777 --once',
    )
    .action((name: string, options: TopOptions) => perform(options, run => top(run, name, options)))
}

async function top(run: CommandRun, name: string, options: TopOptions): Promise<void> {
  const { connect, interface: interfaces } = options
  const sources = new Sources(settingsOf(options))
  const discovery = connect === undefined ? mdns(interfaces === undefined ? {} : { interfaces }) : undefined
  discovery?.events?.on('error', () => {})
  try {
    for (const endpoint of connect ?? []) sources.add(endpoint)
    if (discovery !== undefined) {
      sources.follow(discovery, name, run.signal).catch(error => run.tell(describeError(error), 'always'))
    }
    if (options.once || !out.terminal) await once(run, sources, options)
    else await live(run, sources, options)
  } finally {
    await sources.close()
    await discovery?.[Symbol.asyncDispose]()
  }
}

/** Two readings, so that there are rates. */
async function once(
  run: CommandRun,
  sources: Sources,
  { interval, timeout = 2000, connect }: TopOptions,
): Promise<void> {
  if (connect === undefined) await pause(timeout, run.signal)
  await sources.read(run.signal)
  await pause(interval, run.signal)
  await sources.read(run.signal)
  run.signal.throwIfAborted()
  const { readings } = sources
  if (readings.every(({ snapshot }) => snapshot === undefined)) {
    throw new ExitError(EXIT.timeout, readings[0]?.error ?? 'nobody announces a statistics endpoint')
  }
  const { rows, total } = rowsOf(readings, 'name', MAX_ROWS)
  const lines = table([HEADINGS, ...rows.map(({ cells }) => cells)])
  if (total > rows.length) lines.push(moreOf(total - rows.length))
  await print(`${lines.join('\n')}\n`, run.signal)
}

async function live(run: CommandRun, sources: Sources, { interval }: TopOptions): Promise<void> {
  let sort = 0
  let paused = false
  const draw = () => terminal.draw(screenOf(terminal, sources, SORTS[sort]!, paused))
  const left = new AbortController()
  const signal = AbortSignal.any([run.signal, left.signal])
  const terminal = new Terminal(key => {
    if (key === 'q') left.abort()
    else if (key === CTRL_C) run.end(new ExitError(EXIT.interrupted, ''))
    else if (key === 's') sort = (sort + 1) % SORTS.length
    else if (key === 'p') paused = !paused
    if (!signal.aborted) draw()
  }, draw)
  try {
    draw()
    while (!signal.aborted) {
      if (!paused) {
        await sources.read(signal)
        if (!signal.aborted) draw()
      }
      await pause(interval, signal)
    }
  } finally {
    terminal.close()
  }
}

function screenOf(terminal: Terminal, { readings, refused }: Sources, sort: Sort, paused: boolean): Text[] {
  const room = Math.max(0, terminal.rows - 3)
  const { rows, total } = rowsOf(readings, sort, room)
  const programs = `${readings.length} ${readings.length === 1 ? 'program' : 'programs'}`
  const others = refused === 0 ? '' : `, and ${refused} too many`
  const state = `${programs}${others}, by ${sort}${paused ? ', paused' : ''}`
  const title = `typedmq top - ${state} - q quits, s sorts, p pauses`
  const [headings, ...lines] = table([HEADINGS, ...rows.map(({ cells }) => cells)])
  const body =
    rows.length === 0 ? ['', 'nobody with a statistics endpoint yet: start programs with --stats'] : lines
  const painted = body.map((line, index) => paintRow(terminal.fit(line), rows[index]))
  const more = total > room ? [paint('dim', moreOf(total - room + 1))] : []
  return [
    paint('bold', terminal.fit(title)),
    paint('inverse', terminal.fit(headings!.padEnd(terminal.columns))),
    ...painted.slice(0, room - more.length),
    ...more,
  ]
}

function moreOf(count: number): string {
  return `... and ${count} more lines`
}

function paintRow(line: string, row: Row | undefined): Text {
  if (row?.alarming) return paint('red', line)
  return row?.kind === 'peer' ? paint('dim', line) : line
}
