/** The program: its commands, and what holds for all of them. */
import { Command } from 'commander'
import type { Perform } from './command-run.ts'
import { benchCommand } from './commands/bench.ts'
import { completionCommand } from './commands/completion.ts'
import { discoverCommand } from './commands/discover.ts'
import { keygenCommand } from './commands/keygen.ts'
import { messageCommands } from './commands/messages.ts'
import { proxyCommand } from './commands/proxy.ts'
import { replyCommand, requestCommand } from './commands/requests.ts'
import { topCommand } from './commands/top.ts'
import { EXIT_HELP, oneLine } from './exit.ts'
import { err, out } from './output.ts'
import { paint } from './paint.ts'

const DESCRIPTION = 'ZeroMQ sockets from the terminal: lines in, messages out.'

const HELP = `
Formats (--format), the same in both directions:
  text     a line is UTF-8 text; parts, topic and peer are separated by tabs
  json     a line is a JSON value (printed over several lines); with a topic {"topic", "value"}
  ndjson   the same, printed on one line
  msgpack  MessagePack on the wire, typed and printed as JSON on one line
  hex      a line is hex digits
  raw      the bytes as they are: all of the input is one message
${EXIT_HELP}

Examples:
  seq 1000 | typedmq push --bind tcp://*:5555
  typedmq pull --connect tcp://localhost:5555 --count 10`

export function createProgram(perform: Perform, version: string): Command {
  const program = new Command('typedmq').description(DESCRIPTION).version(version).addHelpText('after', HELP)
  const commands = [
    ...messageCommands(perform),
    requestCommand(perform),
    replyCommand(perform),
    proxyCommand(perform),
    discoverCommand(perform),
    topCommand(perform),
    benchCommand(perform),
    keygenCommand(perform),
    completionCommand(perform, () => program),
  ]
  for (const command of commands) program.addCommand(command)
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: text => out.write(text),
      writeErr: text => err.write(text),
      outputError: text =>
        err.write([paint('red', 'typedmq: '), oneLine(text.trim()).replace(/^error: /, ''), '\n']),
    })
  }
  return program
}
