/**
 * PLAIN's ERROR as libzmq spells it. From 4.3.0 on its source says "\x05ERROR", where C reads the E as a third hexadecimal digit: the
 * command begins with 0x5e and RROR. It sends that and understands nothing else, so we do as it does, and read both spellings.
 */
import type { Frame } from '../message.ts'
import { encodeRefusal, type Refusal } from './refusal.ts'

const RIGHT = Buffer.from('\x05ERROR', 'latin1')
const MISSPELT = Buffer.from('\x5eRROR', 'latin1')

export function encodePlainRefusal(verdict: Refusal): readonly Frame[] {
  return encodeRefusal(verdict).map(command => Buffer.concat([MISSPELT, command.subarray(RIGHT.length)]))
}

/** The command as RFC 24 has it. */
export function spellRight(command: Frame): Frame {
  if (Buffer.compare(command.subarray(0, MISSPELT.length), MISSPELT) !== 0) return command
  return Buffer.concat([RIGHT, command.subarray(MISSPELT.length)])
}
