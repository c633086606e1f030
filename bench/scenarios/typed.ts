/** A six-field object from end to end, msgpack on both sides: what an application sends, not bytes. */
import { flowCase } from '../flow-figures.ts'
import type { Scenario } from '../scenario.ts'

export const typed: Scenario = {
  name: 'typed',
  about: 'One PUSH to one PULL with a six-field object: the default codec, or msgpackr by hand.',
  systems: ['typedmq', 'typedmq-libzmq', 'zeromq', 'nats'],
  transports: ['tcp', 'ipc', 'inproc'],
  sizes: [],
  cases: transport => [
    flowCase({
      pairing: [{ role: 'pull' }, { role: 'push' }],
      work: { transport: transport!, size: 0, typed: true },
    }),
  ],
}
