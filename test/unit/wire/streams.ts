/** What the tests of the wire share: a sink that records, a stream made of frames, and the limits most tests use. */
import type { Frame, Message } from '../../../src/message.ts'
import { partsOf } from '../../../src/message.ts'
import { encodeFrame, FLAG_COMMAND, FLAG_MORE } from '../../../src/wire/frame.ts'
import { type FrameLimits, FrameReader, type FrameSink } from '../../../src/wire/frame-reader.ts'

export const NO_LIMITS: FrameLimits = { maxMessageSize: Infinity, maxParts: 10_000 }

/** One thing read: a message by its parts, or a command. */
export type Read = readonly ['message', ...string[]] | readonly ['command', string]

/** Keeps what it is given as strings of bytes, at once: later writes into the chunk would show. */
export class Recorder implements FrameSink {
  readonly reads: Read[] = []
  /** How many more reads are let through before the sink asks to stop; Infinity never asks. */
  patience = Infinity

  message(message: Message): boolean {
    this.reads.push(['message', ...partsOf(message).map(bytes)])
    return --this.patience > 0
  }

  command(body: Frame): boolean {
    this.reads.push(['command', bytes(body)])
    return --this.patience > 0
  }
}

export function bytes(frame: Frame): string {
  return Buffer.from(frame).toString('latin1')
}

/** What the frames of this stream say. */
export function readAll(chunks: readonly Uint8Array[], limits: FrameLimits = NO_LIMITS): readonly Read[] {
  const recorder = new Recorder()
  const reader = new FrameReader(recorder, { ...limits })
  for (const chunk of chunks) reader.feed(Buffer.from(chunk))
  return recorder.reads
}

export function messageBytes(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    parts.map((part, at) => Buffer.from(encodeFrame(at < parts.length - 1 ? FLAG_MORE : 0, part))),
  )
}

export function commandBytes(body: Uint8Array): Buffer {
  return Buffer.from(encodeFrame(FLAG_COMMAND, body))
}

const PATTERN = Buffer.alloc(6 * 1024 * 1024)
for (let at = 0; at < PATTERN.length; at++) PATTERN[at] = at * 31 + (at >>> 8)

/** Bytes that differ from place to place. Not to be changed: all callers share them. */
export function pattern(length: number): Buffer {
  return PATTERN.subarray(0, length)
}
