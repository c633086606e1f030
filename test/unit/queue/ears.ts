/** What the tests of queues share: somebody who counts what a queue tells, and a queue between two of them. */
import { Queue } from '../../../src/queue/queue.ts'
import type { Marks, QueueReader, QueueWriter } from '../../../src/queue/queue-ends.ts'
import type { Stamps } from '../../../src/queue/stamps.ts'

export class Ear implements QueueWriter, QueueReader {
  readonly counts = { readable: 0, pressed: 0, writable: 0, drained: 0 }
  readable(): void {
    this.counts.readable++
  }
  pressed(): void {
    this.counts.pressed++
  }
  writable(): void {
    this.counts.writable++
  }
  drained(): void {
    this.counts.drained++
  }
}

export const SMALL: Marks = { messages: 3, bytes: 100 }

export function queueOf(marks: Marks, stamps?: Stamps) {
  const queue = new Queue(marks, stamps)
  const [writer, reader] = [new Ear(), new Ear()]
  queue.writer = writer
  queue.reader = reader
  return { queue, writer: writer.counts, reader: reader.counts }
}
