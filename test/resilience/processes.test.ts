/** What a process owes its sockets, and they it: nothing queued is lost at the end, and nothing closed holds it up. Heavy: two million messages. */
import { describe, expect, it } from 'vitest'
import { raw } from '../../src/codec/raw.ts'
import type { Message } from '../../src/message.ts'
import { Pull, Push } from '../../src/sockets/push-pull.ts'
import { Child } from '../support/child.ts'
import { inproc, ipc, tcp } from '../support/transports.ts'

describe('a process', () => {
  it('that sends 2 million small messages and closes at once loses none of them', {
    timeout: 60_000,
  }, async () => {
    const count = 2_000_000
    await using pull = new Pull<Message>({ codec: raw, linger: 0 })
    await using child = new Child(
      new URL('./children/millions.ts', import.meta.url),
      await pull.bind('tcp://127.0.0.1:0'),
      String(count),
    )
    let wrong = 0
    let expected = 0
    while (expected < count) {
      for (const message of await pull.receiveMany(1000)) {
        if (Number.parseInt(String(message), 16) !== expected++) wrong++
      }
    }
    expect(wrong).toBe(0)
    expect(await child.line()).toBe('dropped 0')
    await child.ended()
  })

  for (const how of ['closed', 'unref'] as const) {
    it(`ends by itself once its sockets are ${how}`, async () => {
      await using child = new Child(new URL('./children/life.ts', import.meta.url), how)
      const lines = ['hello', 'answer to question', 'news', 'over']
      for (const line of lines) expect(await child.line()).toBe(line)
      await child.ended()
    })
  }

  it('has no handle more after 1,000 sockets were opened, used and closed', { timeout: 60_000 }, async () => {
    const handles = () => {
      const counts: Record<string, number> = {}
      for (const name of process.getActiveResourcesInfo()) {
        if (/TCP|Pipe|Timeout|Server/.test(name)) counts[name] = (counts[name] ?? 0) + 1
      }
      return counts
    }
    const cycle = async (endpoint: string) => {
      const pull = new Pull<Message>({ codec: raw })
      const push = new Push<Message>({ codec: raw })
      push.connect(await pull.bind(endpoint))
      await push.send(Buffer.from('hello'))
      await pull.receive()
      await Promise.all([push.close(), pull.close()])
    }
    for (const transport of [tcp, ipc, inproc]) await cycle(transport.fresh())
    const before = handles()
    for (let count = 0; count < 500; count++) await cycle([tcp, ipc, inproc][count % 3]!.fresh())
    // Node tells of a closed handle a turn later.
    await expect.poll(handles).toEqual(before)
  })
})
