/** The options that several commands share, with their `--help`, and option values as people type them. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { RunOptions } from './command-run.ts'
import { FORMATS, type FormatName } from './format.ts'
import type { InputOptions } from './input.ts'

export interface SecurityOptions {
  readonly curveServer?: boolean | undefined
  readonly curveKeys?: string | undefined
  readonly curveServerKey?: string | undefined
  readonly curveAllow?: readonly string[] | undefined
}

export interface PeerOptions extends SecurityOptions, RunOptions {
  readonly bind?: readonly string[] | undefined
  readonly connect?: readonly string[] | undefined
  readonly name?: string | undefined
  readonly interface?: readonly string[] | undefined
  readonly timeout?: number | undefined
  readonly hwm?: number | undefined
  readonly routingId?: string | undefined
  /** True: the option without a value. */
  readonly stats?: string | true | undefined
}

export interface MessageOptions extends PeerOptions, InputOptions {
  readonly format: FormatName
  readonly multipart?: boolean | undefined
  readonly wait: number
  readonly echo?: boolean | undefined
  readonly topic?: string | undefined
  readonly to?: string | undefined
  readonly subscribe?: readonly string[] | undefined
}

export function securityOptions(command: Command): Command {
  return command
    .optionsGroup('Security:')
    .option('--curve-server', 'be the server of CURVE: encrypted, with the keys of --curve-keys')
    .option('--curve-keys <file>', 'our key pair, as keygen writes it (a client without has new keys)')
    .option('--curve-server-key <key>', 'be a client of CURVE: the public key of the server')
    .option(
      '--curve-allow <key>',
      'the server lets in only clients with this public key (repeatable)',
      collect,
    )
}

export function peerOptions(command: Command): Command {
  return command
    .optionsGroup('Peers:')
    .option('-b, --bind <endpoint>', 'listen here: tcp://*:5555, ipc:///tmp/jobs (repeatable)', collect)
    .option('-c, --connect <endpoint>', 'connect there (repeatable)', collect)
    .option('-N, --name <name>', 'find peers by name on the LAN: announce what is bound, or connect')
    .option('--interface <name>', 'network interface for --name (repeatable)', collect)
    .option('--hwm <messages>', 'high-water mark of each peer, both ways', whole(1))
    .option('--routing-id <name>', 'what a router calls us')
    .option('--stats [endpoint]', 'let `typedmq top` read our counters, by default at tcp://127.0.0.1:*')
}

export function generalOptions(command: Command): Command {
  return command
    .optionsGroup('General:')
    .option('-t, --timeout <seconds>', 'longest wait for a peer, a message or an answer', duration)
    .option('--strict', 'the first line or message that does not match is the end')
    .option('-v, --verbose', 'tell what happens to the socket; errors with their stack')
}

export function formatOptions(command: Command, kind: 'topic' | 'peer' | undefined): Command {
  command
    .optionsGroup('Messages:')
    .addOption(new Option('-f, --format <format>', 'what a line is').choices(FORMATS).default('text'))
    .option('-m, --multipart', 'all parts on a line: with tabs between, or as a JSON array')
  if (kind === 'peer') command.option('--to <peer>', 'send everything to this peer')
  return command
}

export function inputOptions(command: Command): Command {
  return command
    .option('-d, --data <value>', 'send this instead of standard input (repeatable)', collect)
    .option('-i, --interval <seconds>', 'pause between two messages; repeats --data', duration)
    .option('-w, --wait <peers>', 'peers to wait for before the first message', whole(0), 1)
}

export function countOption(command: Command, what: string): Command {
  return command.option('-n, --count <messages>', what, whole(0))
}

const FOREVER_MS = 2 ** 31 - 1

/** Seconds, or milliseconds with `ms`: '0.5', '2s', '500ms'. Returns milliseconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(ms|s)?$/.exec(text)
  const length = match === null ? Number.NaN : Number(match[1]) * (match[2] === 'ms' ? 1 : 1000)
  if (length <= FOREVER_MS) return length
  throw new InvalidArgumentError('It must be seconds such as 0.5, or milliseconds such as 500ms.')
}

/** A whole number of at least `least`. */
export function whole(least: number): (text: string) => number {
  return text => {
    const number = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`)
  }
}

/** For options that may be given several times. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value]
}
