/** A six-field object from end to end, msgpack on both sides: what an application sends, not bytes. */
import { exchange } from '../exchange.ts'
import type { Scenario } from '../scenario.ts'

export const typed: Scenario = {
  name: 'typed',
  about: 'One PUSH to one PULL with a six-field object: the default codec, or msgpackr by hand.',
  systems: ['typedmq', 'typedmq-libzmq', 'zeromq', 'nats'],
  transports: ['tcp', 'ipc', 'inproc'],
  sizes: [],
  cases: transport => [
    {
      transport,
      size: null,
      async measure(system, timing) {
        const [report] = await exchange(system, [{ role: 'pull' }, { role: 'push' }], {
          ...timing,
          transport: transport!,
          size: 0,
          typed: true,
        })
        return { 'msg/s': report!.rate! }
      },
    },
  ],
}
