/** The passive end of a bench: counts the load, sends echoes back. Serves one peer after the other. */
import type { Message, Pair } from '../../index.ts'
import { COUNT, countMessage, ECHO } from './protocol.ts'

/** Until the signal aborts. */
export async function serveTarget(pair: Pair<Message>, signal: AbortSignal): Promise<void> {
  let count = 0
  while (!signal.aborted) {
    for (const message of await pair.receiveMany(1000, { signal })) {
      const kind = (message as Uint8Array)[0]
      if (kind === ECHO) await pair.send(message, { signal })
      else if (kind === COUNT) {
        await pair.send(countMessage(count), { signal })
        count = 0
      } else count++
    }
  }
}
