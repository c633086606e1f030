/** Those who write and read a queue, what bounds it, and what comes back out of it. */
import type { Message } from '../message.ts'
import type { Stamp } from './stamp.ts'

/** Called by a queue, synchronously; a writer may call back into the queue. */
export interface QueueWriter {
  /** There is room again after a message was refused. Of a closed queue: something has been read. */
  writable(): void
  /** After `finish`: everything has left. */
  drained(): void
}

/** Called by a queue, synchronously; a reader may call back into the queue. */
export interface QueueReader {
  /** There is something to read where there was nothing. */
  readable(): void
  /** Much is waiting to be read (the mark, or 64 KiB): best written out now instead of at the end of the tick. */
  pressed(): void
}

/** High-water marks: whichever is reached first. */
export interface Marks {
  readonly messages: number
  readonly bytes: number
}

/** A message that came back unread, with its stamp. */
export interface Unsent {
  readonly message: Message
  readonly stamp: Stamp | undefined
}

/** Writes or reads what nobody writes or reads yet, or any more. */
export const NOBODY: QueueWriter & QueueReader = {
  writable() {},
  drained() {},
  readable() {},
  pressed() {},
}
