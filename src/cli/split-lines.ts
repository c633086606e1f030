/** A byte stream as lines: only a newline ends one, and what follows the last newline is a line too. */

export interface Line {
  /** From 1. */
  readonly number: number
  readonly bytes: Buffer
}

const NEWLINE = 10

export async function* splitLines(stream: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let number = 0
  /** Of the line that has not ended. */
  let begun: Buffer[] = []
  for await (const chunk of stream) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const piece = chunk.subarray(start, end)
      const bytes = begun.length === 0 ? piece : Buffer.concat([...begun, piece])
      begun = []
      start = end + 1
      yield { number: ++number, bytes }
    }
    if (start < chunk.length) begun.push(chunk.subarray(start))
  }
  if (begun.length > 0) yield { number: ++number, bytes: Buffer.concat(begun) }
}
