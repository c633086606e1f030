/** Throughput with CURVE on both ends: the puller binds and is the server. */
import { exchange } from '../exchange.ts'
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
        const [report] = await exchange(system, [{ role: 'pull' }, { role: 'push' }], {
          ...timing,
          transport: transport!,
          size: size!,
          curve: curveKeyPair(),
        })
        return { 'msg/s': report!.rate! }
      },
    },
  ],
}
