/**
 * Our own commands for peers that both said in READY that they trace. TRACE: stamp of the message that follows; CLOCK: the time
 * here, behind a PONG; CLOCK-ID: which clock that is, comparable only by those two peers, before anything else.
 */
import { ProtocolError } from '../errors.ts'
import type { Frame } from '../message.ts'

/** READY: this peer traces; the value is a random number of `SALT_SIZE` bytes, the salt of the CLOCK-ID. */
export const TRACES = 'X-TypedMQ-Trace'
export const SALT_SIZE = 16

const TRACE_NAME = Buffer.from('\x05TRACE')
/** Two numbers of four bytes (the message's id), two times of eight. */
const TRACE_SIZE = 24
const CLOCK_NAME = Buffer.from('\x05CLOCK')
const CLOCK_SIZE = 8
const CLOCK_ID_NAME = Buffer.from('\x08CLOCK-ID')
const CLOCK_ID_SIZE = 32
/** A hundred years in milliseconds. The clock counts from the start of a host, and what is computed of such times stays finite. */
const LATEST_TIME = 100 * 365.25 * 24 * 3_600_000

export interface TraceData {
  readonly source: number
  readonly count: number
  readonly produced: number
  readonly queued: number
}

export function encodeTrace({ source, count, produced, queued }: TraceData): Frame {
  const body = Buffer.allocUnsafe(TRACE_NAME.length + TRACE_SIZE)
  TRACE_NAME.copy(body)
  let at = body.writeUInt32BE(source, TRACE_NAME.length)
  at = body.writeUInt32BE(count, at)
  at = body.writeDoubleBE(produced, at)
  body.writeDoubleBE(queued, at)
  return body
}

/** Throws `ProtocolError` for anything that `encodeTrace` does not make. */
export function decodeTrace(data: Frame): TraceData {
  if (data.length !== TRACE_SIZE) throw new ProtocolError(`a TRACE of ${data.length} bytes`)
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length)
  const produced = bytes.readDoubleBE(8)
  const queued = bytes.readDoubleBE(16)
  if (!isTime(produced) || !isTime(queued) || queued < produced)
    throw new ProtocolError(
      `a TRACE of the times ${produced} and ${queued}; times are in order, from 0 to ${LATEST_TIME} ms`,
    )
  return { source: bytes.readUInt32BE(0), count: bytes.readUInt32BE(4), produced, queued }
}

export function encodeClock(time: number): Frame {
  const body = Buffer.allocUnsafe(CLOCK_NAME.length + CLOCK_SIZE)
  CLOCK_NAME.copy(body)
  body.writeDoubleBE(time, CLOCK_NAME.length)
  return body
}

/** Throws `ProtocolError`. */
export function decodeClock(data: Frame): number {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length)
  if (data.length !== CLOCK_SIZE) throw new ProtocolError(`a CLOCK of ${data.length} bytes`)
  const time = bytes.readDoubleBE(0)
  if (!isTime(time))
    throw new ProtocolError(`a CLOCK of the time ${time}; times are from 0 to ${LATEST_TIME} ms`)
  return time
}

function isTime(time: number): boolean {
  return time >= 0 && time <= LATEST_TIME
}

export function encodeClockId(id: Frame): Frame {
  return Buffer.concat([CLOCK_ID_NAME, id])
}

/** Throws `ProtocolError`. */
export function decodeClockId(data: Frame): Frame {
  if (data.length !== CLOCK_ID_SIZE) throw new ProtocolError(`a CLOCK-ID of ${data.length} bytes`)
  return data
}
