/** Throughput with CURVE on both ends: the puller binds and is the server. */
import { flow } from '../exchange.ts'
import { figuresOf } from '../flow-figures.ts'
import type { Scenario } from '../scenario.ts'

export const curve: Scenario = {
  name: 'curve',
  about: 'One PUSH to one PULL, every message sealed and opened by CURVE.',
  systems: ['typedmq', 'zeromq', 'libzmq-c'],
  transports: ['tcp', 'ipc'],
  sizes: [16, 1024, 64 * 1024],
  cases: (transport, size) => [
    {
      transport,
      size,
      async measure(system, timing) {
        // Only here: without the native binding all other scenarios still run.
        const { curveKeyPair } = await import('zeromq')
        const work = { transport: transport!, size: size!, curve: curveKeyPair() }
        return figuresOf(await flow(system, [{ role: 'pull' }, { role: 'push' }], work, timing), size!)
      },
    },
  ],
}
