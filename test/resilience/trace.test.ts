/** The path of messages from one process to another. */
import { expect, test } from 'vitest'
import { Pull } from '../../src/sockets/push-pull.ts'
import { Child } from '../support/child.ts'
import { ipc, tcp } from '../support/transports.ts'

test.each([tcp, ipc])(
  'two processes of one host agree on the time, over $name',
  {
    timeout: 60_000,
  },
  async transport => {
    const begun = performance.now()
    await using pull = new Pull<number>({ trace: true })
    const endpoint = await pull.bind(transport.fresh())
    await using child = new Child(new URL('./children/traced.ts', import.meta.url), endpoint, '500')
    let expected = 0
    for await (const number of pull) {
      expect(number).toBe(expected++)
      if (expected === 500) break
    }
    const whole = performance.now() - begun
    expect(await child.line()).toBe('500')
    await child.ended()
    const trace = pull.stats().trace!
    expect(trace.messages).toBe(500)
    for (const stretch of [trace.produce!, trace.queue!, trace.consume!, trace.latency!]) {
      expect(stretch.samples).toBe(128)
      expect(stretch.max).toBeLessThanOrEqual(whole)
    }
  },
)
