#!/usr/bin/env node
/** The command `typedmq`. */
import { CommanderError } from 'commander'
import { exitCodeOf } from './exit.ts'
import { Job, run } from './job.ts'
import { flushed } from './output.ts'
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
  await flushed()
  return exitCode
}

// What is still open by now, such as standard input, is to keep nobody waiting.
main().then(exitCode => process.exit(exitCode))
