/** How long timers and other work have to wait while a socket is saturated. */
import { exchange } from '../exchange.ts'
import type { Scenario } from '../scenario.ts'

export const gap: Scenario = {
  name: 'gap',
  about: 'Longest time the event loop does not turn while one PUSH saturates one PULL; the worse end counts.',
  systems: ['typedmq', 'typedmq-try', 'zeromq'],
  transports: ['tcp', 'ipc', 'inproc'],
  sizes: [16, 1024, 1024 * 1024],
  cases: (transport, size) => [
    {
      transport,
      size,
      async measure(system, timing) {
        const work = { transport: transport!, size: size!, watchGap: true }
        const reports = await exchange(system, [{ role: 'pull' }, { role: 'push' }], work, timing)
        return { 'ms longest gap': Math.max(...reports.map(report => report.gap!)) }
      },
    },
  ],
}
