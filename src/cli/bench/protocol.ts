/** What the two ends of a bench say to each other: the first byte of a message tells what it is. */

/** Of the body, nothing is looked at. */
export const LOAD = 0
/** Asks how much load has come; the answer is the same byte and a count in eight. */
export const COUNT = 1
/** Bytes of such an answer. */
export const COUNT_SIZE = 9
/** Is sent back as it is. */
export const ECHO = 2

export function countMessage(count: number): Buffer {
  const message = Buffer.alloc(COUNT_SIZE)
  message[0] = COUNT
  message.writeDoubleBE(count, 1)
  return message
}

export function countIn(message: Uint8Array): number {
  if (message.length !== COUNT_SIZE || message[0] !== COUNT) {
    throw new Error('the other end does not speak the protocol of a bench; is it `typedmq bench --serve`?')
  }
  return Buffer.from(message).readDoubleBE(1)
}
