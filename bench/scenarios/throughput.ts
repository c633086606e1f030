/** One pusher, one puller. Which of them binds matters: only a dialled connection can choose its read buffers. */

import type { Transport } from '../ends/spec.ts'
import type { Pairing } from '../exchange.ts'
import { flowCase } from '../flow-figures.ts'
import type { Scenario } from '../scenario.ts'

const SIZES = [16, 128, 1024, 16 * 1024, 256 * 1024, 1024 * 1024]
const SYSTEMS = ['typedmq', 'typedmq-try', 'typedmq-libzmq', 'zeromq', 'libzmq-c', 'nats', 'raw']

function oneWay(name: string, about: string, transports: readonly Transport[], pairing: Pairing): Scenario {
  return {
    name,
    about,
    systems: SYSTEMS,
    transports,
    sizes: SIZES,
    cases: (transport, size) => [flowCase({ pairing, work: { transport: transport!, size: size! } })],
  }
}

export const throughput = oneWay(
  'throughput',
  'One PUSH to one PULL as fast as it goes; the puller binds.',
  ['tcp', 'ipc', 'inproc'],
  [{ role: 'pull' }, { role: 'push' }],
)

export const throughputConnect = oneWay(
  'throughput-connect',
  'One PUSH to one PULL as fast as it goes; the puller connects.',
  ['tcp', 'ipc'],
  [{ role: 'push' }, { role: 'pull' }],
)

export const inproc = oneWay(
  'inproc',
  'One PUSH to one PULL within a process, bytes as they are.',
  ['inproc'],
  [{ role: 'pull' }, { role: 'push' }],
)
