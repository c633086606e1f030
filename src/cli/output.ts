/** Standard output as a place for messages: waits when it is full, fails when its reader has gone. */
import { once } from 'node:events'

/** Resolves once there is room for more; rejects with the signal's reason. */
export async function print(text: string | Uint8Array, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (process.stdout.write(text)) return
  try {
    await once(process.stdout, 'drain', { signal })
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}

/** Resolves once everything written is with the system, or cannot be written. */
export async function flushed(): Promise<void> {
  if (process.stdout.destroyed || !process.stdout.writable) return
  await new Promise<void>(resolve => process.stdout.write('', () => resolve()))
}
