/** A pipe for a peer that is to come: messages may wait in the near end. */
import type { SocketOptions } from '../../options.ts'
import { type Marks, NOBODY, Pipe } from '../../queue/pipe.ts'
import { TracedPipe } from '../../queue/traced-pipe.ts'

export interface Place {
  readonly near: Pipe
  readonly far: Pipe
}

/** Nobody owns its ends yet. */
export function createPlace(options: SocketOptions): Place {
  const Kind = options.trace ? TracedPipe : Pipe
  const [near, far] = Kind.pair(NOBODY, NOBODY, sendMarks(options), receiveMarks(options))
  return { near, far }
}

export function sendMarks(options: SocketOptions): Marks {
  return { messages: options.sendHighWaterMark, bytes: options.sendHighWaterMarkBytes }
}

export function receiveMarks(options: SocketOptions): Marks {
  return { messages: options.receiveHighWaterMark, bytes: options.receiveHighWaterMarkBytes }
}
