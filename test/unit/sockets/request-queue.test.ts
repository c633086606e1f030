/** Strict requests without a socket. */
import { describe, expect, test } from 'vitest'
import type { EngineSocket } from '../../../src/engine/engine.ts'
import type { OutgoingRequest } from '../../../src/outgoing-request.ts'
import { PendingRequest } from '../../../src/sockets/pending-request.ts'
import { RequestQueue } from '../../../src/sockets/request-queue.ts'
import { collectedBytes } from '../../hostile/memory.ts'

const OWNER = { ended() {} }
const request = (body: string) =>
  new PendingRequest(Buffer.from(body), { timeout: Infinity, retries: 0, signal: undefined }, OWNER)

/** Takes everything. */
function recording(): { readonly socket: EngineSocket<'REQ'>; readonly sent: string[] } {
  const sent: string[] = []
  const trySend = ({ body }: OutgoingRequest) => sent.push(Buffer.from(body as Uint8Array).toString()) > 0
  return { socket: { sink: { trySend }, revoke: () => true } as unknown as EngineSocket<'REQ'>, sent }
}

describe('A queue of one request at a time', () => {
  test('keeps nothing of requests that are withdrawn while one waits for its answer', () => {
    const { socket, sent } = recording()
    const queue = new RequestQueue(socket)
    const [asked, next] = [request('asked'), request('next')]
    queue.begin(asked)
    queue.begin(next)
    const before = collectedBytes()
    for (let number = 0; number < 300_000; number++) {
      const withdrawn = request('withdrawn')
      queue.begin(withdrawn)
      queue.end(withdrawn)
    }
    // 15 MB, when its iterator keeps a trace of each.
    expect(collectedBytes() - before).toBeLessThan(5_000_000)
    queue.end(asked)
    expect(sent).toEqual(['asked', 'next'])
  })
})
