/** What the tests of pipes share: an owner that counts its signals, and a pipe between two of them. */
import { type Marks, Pipe, type PipeOwner } from '../../../src/queue/pipe.ts'

/** Counts the signals of one end. */
export class Ear implements PipeOwner {
  readonly counts = { readable: 0, pressed: 0, writable: 0, detached: 0, drained: 0 }
  readable(): void {
    this.counts.readable++
  }
  pressed(): void {
    this.counts.pressed++
  }
  writable(): void {
    this.counts.writable++
  }
  detached(): void {
    this.counts.detached++
  }
  drained(): void {
    this.counts.drained++
  }
}

/** The marks of the direction that most tests do not look at. */
export const BACK: Marks = { messages: 3, bytes: 100 }

export function pipeOf(marks: Marks) {
  const [near, far] = [new Ear(), new Ear()]
  const [writer, reader] = Pipe.pair(near, far, marks, BACK)
  return { near: near.counts, far: far.counts, writer, reader }
}
