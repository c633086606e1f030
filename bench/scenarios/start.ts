/** How long importing takes in a fresh process. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Child } from '../child.ts'
import type { Scenario } from '../scenario.ts'

const ENTRY: Record<string, string> = { zeromq: 'zeromq', nats: 'nats', raw: 'node:net', typedmq: 'typedmq' }

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
        const [name, directory] = system.name.split('@')
        const entry =
          directory === undefined ? ENTRY[name!]! : pathToFileURL(resolve(directory, 'dist/index.js')).href
        const script = `const t = performance.now(); await import('${entry}'); console.log(performance.now() - t)`
        using child = new Child([process.execPath, '--input-type=module', '--eval', script])
        return { 'ms to import': await child.next<number>() }
      },
    },
  ],
}
