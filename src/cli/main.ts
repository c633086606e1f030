#!/usr/bin/env node
/** The command `typedmq`. */
import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { CommandRun, runCommand } from './command-run.ts'
import { describeError, EXIT, exitCodeOf } from './exit.ts'
import { err, out } from './output.ts'
import { createProgram } from './program.ts'

/** The version in package.json: one level above dist/, or two above src/cli/. */
const VERSION = versionIn('../package.json') ?? versionIn('../../package.json') ?? 'unknown'

async function main(): Promise<number> {
  let exitCode = 0
  const program = createProgram(async (options, work) => {
    exitCode = await runCommand(new CommandRun(options), work)
  }, VERSION)
  try {
    await program.parseAsync()
  } catch (error) {
    // Commander has said already what is wrong.
    if (!(error instanceof CommanderError)) throw error
    exitCode = exitCodeOf(error)
  }
  await out.flushed()
  return exitCode
}

function versionIn(path: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
    return name === 'typedmq' ? version : undefined
  } catch {
    return undefined
  }
}

// Node would print both itself, and what a peer has said with them.
process.removeAllListeners('warning')
process.on('warning', warning => err.write(`${describeError(warning)}\n`))
process.on('uncaughtException', error => {
  err.write(`typedmq: ${describeError(error, true)}\n`)
  process.exit(EXIT.failed)
})

// What is still open by now, such as standard input, is to keep nobody waiting.
main().then(exitCode => process.exit(exitCode))
