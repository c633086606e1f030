/** How long importing takes in a fresh process. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT } from '../build.ts'
import { Child } from '../child.ts'
import { partsOfName } from '../ends/spec.ts'
import type { Scenario } from '../scenario.ts'

const OTHERS: Record<string, string> = { zeromq: 'zeromq', nats: 'nats', raw: 'node:net' }

/** Each build by its file: looking for a package by name is not what two builds are to be compared by. */
function entryOf(name: string): string {
  const { system, directory = ROOT } = partsOfName(name)
  return OTHERS[system] ?? pathToFileURL(resolve(directory, 'dist/index.js')).href
}

export const startUp: Scenario = {
  name: 'start',
  about: 'Time of the first import in a fresh process; raw is node:net alone.',
  systems: ['typedmq', 'zeromq', 'nats', 'raw'],
  transports: [],
  sizes: [],
  cases: () => [
    {
      transport: null,
      size: null,
      async measure(system) {
        const entry = entryOf(system.name)
        const script = `const t = performance.now(); await import('${entry}'); console.log(performance.now() - t)`
        using child = new Child([process.execPath, '--input-type=module', '--eval', script])
        return { 'ms to import': await child.next<number>() }
      },
    },
  ],
}
