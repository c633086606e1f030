/** keygen: a key pair for CURVE. */
import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { curveKeyPair } from '../../security/curve/index.ts'
import type { Perform, RunOptions } from '../command-run.ts'
import { EXIT, ExitError } from '../exit.ts'
import { print } from '../output.ts'

interface KeygenOptions extends RunOptions {
  readonly output?: string | undefined
  readonly force?: boolean | undefined
}

export function keygenCommand(perform: Perform): Command {
  return new Command('keygen')
    .description('make a key pair for CURVE, as JSON')
    .option('-o, --output <file>', 'write it here, readable by nobody else, and print the public key only')
    .option('--force', 'replace a file that is there')
    .option('-v, --verbose', 'errors with their stack')
    .addHelpText('after', '\nExample:\n  typedmq keygen --output server.json')
    .action((options: KeygenOptions) =>
      perform(options, async run => {
        const { publicKey, secretKey } = curveKeyPair()
        const keys = `${JSON.stringify({ publicKey, secretKey }, undefined, 2)}\n`
        if (options.output === undefined) await print(keys, run.signal)
        else {
          store(options.output, keys, options.force === true)
          await print(`${publicKey}\n`, run.signal)
        }
      }),
    )
}

function store(path: string, keys: string, force: boolean): void {
  try {
    writeFileSync(path, keys, { mode: 0o600, flag: force ? 'w' : 'wx' })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const reason = code === 'EEXIST' ? `${path} is there already; --force replaces it` : message
    throw new ExitError(EXIT.failed, reason, { cause })
  }
}
