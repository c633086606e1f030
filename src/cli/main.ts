#!/usr/bin/env node
/** The command `typedmq`. */
import { CommanderError } from 'commander'
import { describeError, EXIT, exitCodeOf } from './exit.ts'
import { Job, run } from './job.ts'
import { err, out } from './output.ts'
import { createProgram } from './program.ts'
import { VERSION } from './version.ts'

async function main(): Promise<number> {
  let exitCode = 0
  const program = createProgram(async (options, work) => {
    exitCode = await run(new Job(options), work)
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

// Node would print both itself, and what a peer has said with them.
process.removeAllListeners('warning')
process.on('warning', warning => err.write(`${describeError(warning)}\n`))
process.on('uncaughtException', error => {
  err.write(`typedmq: ${describeError(error, true)}\n`)
  process.exit(EXIT.failed)
})

// What is still open by now, such as standard input, is to keep nobody waiting.
main().then(exitCode => process.exit(exitCode))
