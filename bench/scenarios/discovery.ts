/** How soon peers find each other by mDNS, and how soon a message flows then. */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT } from '../build.ts'
import { Child } from '../child.ts'
import { partsOfName } from '../ends/spec.ts'
import type { Figures, Scenario } from '../scenario.ts'

const END = fileURLToPath(new URL('../ends/discovery.mjs', import.meta.url))

export const discovery: Scenario = {
  name: 'discovery',
  about:
    'mDNS on loopback: from the announcement until it is found, from there to the first message, and until a late comer has found 100.',
  systems: ['typedmq'],
  transports: [],
  sizes: [],
  cases: () => [
    {
      transport: null,
      size: null,
      async measure(system) {
        const { directory = ROOT } = partsOfName(system.name)
        using child = new Child([process.execPath, END, resolve(directory)])
        return await child.next<Figures>()
      },
    },
  ],
}
