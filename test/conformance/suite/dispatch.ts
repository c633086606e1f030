/** How messages are dealt out when several peers have room. */
import { setImmediate } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import type { Rule } from './rules.ts'

export function dispatchRules(rule: Rule): void {
  describe('dispatch', () => {
    rule(
      'least-queued: a peer that does not read gets little, though it has room',
      async stage => {
        const push = stage.near('PUSH', { dispatch: 'least-queued' })
        const busy = stage.far('PULL', { receiveHighWaterMark: 1 })
        const idle = stage.far('PULL')
        await stage.join(push, busy, idle)
        const count = 1000
        let taken = 0
        for (let sent = 0; sent < count; sent++) {
          await push.send(Buffer.from('job'))
          // What the idle one has answered for does not count as queued any more.
          await setImmediate()
          while (idle.tryReceive() !== undefined) taken++
        }
        expect(taken).toBeGreaterThan(count * 0.8)
      },
      'least-queued',
    )
  })
}
