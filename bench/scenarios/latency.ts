/** REQ to REP and back, one request at a time: both processes on one core, then wherever the system puts them. */

import type { Transport } from '../ends/spec.ts'
import { exchange } from '../exchange.ts'
import type { Case, Scenario } from '../scenario.ts'
import { found } from '../systems.ts'

/** Shorter warm-ups still show the compiler at work: 60,000 trips of the prototype took 0.8 s. */
const WARM_UP_FACTOR = 2.5

export const latency: Scenario = {
  name: 'latency',
  about: 'A REQ/REP round trip with one request in flight; p99 cold is over the first 10,000 trips.',
  systems: ['typedmq', 'typedmq-libzmq', 'zeromq', 'libzmq-c', 'nats', 'raw'],
  transports: ['tcp', 'ipc', 'inproc'],
  sizes: [16],
  cases: (transport, size) =>
    transport === 'inproc'
      ? [roundTrip(transport, size!)]
      : [roundTrip(transport!, size!, 0), roundTrip(transport!, size!)],
}

function roundTrip(transport: Transport, size: number, core?: number): Case {
  const pinned = core === undefined ? '' : ', pinned'
  return {
    transport,
    size,
    variant: core === undefined ? undefined : 'pinned',
    missing: core !== undefined && !found('taskset', '--version') ? 'no taskset to pin with' : undefined,
    async measure(system, timing) {
      const work = { transport, size, ...(core === undefined ? {} : { core }) }
      const { warmUp, window } = timing
      const times = { warmUp: warmUp * WARM_UP_FACTOR, window }
      const [report] = await exchange(system, [{ role: 'reply' }, { role: 'request' }], work, times)
      return {
        [`us p50${pinned}`]: report!.p50!,
        [`us p99${pinned}`]: report!.p99!,
        [`us p99 cold${pinned}`]: report!.p99Cold!,
      }
    },
  }
}
