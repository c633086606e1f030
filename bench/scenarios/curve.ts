/** Throughput with CURVE on both ends: the puller binds and is the server. */
import { curveKeyPair } from '../../src/security/curve/index.ts'
import { flowCase } from '../flow-figures.ts'
import type { Scenario } from '../scenario.ts'

export const curve: Scenario = {
  name: 'curve',
  about: 'One PUSH to one PULL, every message sealed and opened by CURVE.',
  systems: ['typedmq', 'zeromq', 'libzmq-c'],
  transports: ['tcp', 'ipc'],
  sizes: [16, 1024, 64 * 1024],
  cases: (transport, size) => [
    flowCase({
      pairing: [{ role: 'pull' }, { role: 'push' }],
      work: { transport: transport!, size: size!, curve: { ...curveKeyPair() } },
    }),
  ],
}
