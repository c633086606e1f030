/** Lanes without a socket. */
import { describe, expect, test } from 'vitest'
import type { EngineSocket } from '../../../src/engine/engine.ts'
import { Call } from '../../../src/sockets/call.ts'
import { InLine } from '../../../src/sockets/lane.ts'
import { collectedBytes } from '../../hostile/memory.ts'

const OWNER = { aborted() {}, ended() {} }
const call = (body: string) =>
  new Call(Buffer.from(body), { timeout: Infinity, retries: 0, signal: undefined }, OWNER)

/** Takes everything. */
function recording(): { readonly socket: EngineSocket; readonly sent: string[] } {
  const sent: string[] = []
  const trySend = (message: readonly Uint8Array[]) => sent.push(Buffer.from(message.at(-1)!).toString()) > 0
  return { socket: { trySend, revoke: () => true } as unknown as EngineSocket, sent }
}

describe('A lane of one request at a time', () => {
  test('keeps nothing of requests that are withdrawn while one waits for its answer', () => {
    const { socket, sent } = recording()
    const lane = new InLine(socket)
    const [asked, next] = [call('asked'), call('next')]
    lane.begin(asked)
    lane.begin(next)
    const before = collectedBytes()
    for (let number = 0; number < 300_000; number++) {
      const withdrawn = call('withdrawn')
      lane.begin(withdrawn)
      lane.withdraw(withdrawn)
    }
    // 15 MB, when its iterator keeps a trace of each.
    expect(collectedBytes() - before).toBeLessThan(5_000_000)
    lane.answered([Buffer.alloc(0), Buffer.from('answer')])
    expect(sent).toEqual(['asked', 'next'])
  })
})
