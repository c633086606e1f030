/** Laying frames out and reading them back. `npx tsx bench/micro/frames.ts` */
import { FrameReader } from '../../src/wire/frame-reader.ts'
import { FrameWriter } from '../../src/wire/frame-writer.ts'
import { SlabPool } from '../../src/wire/slab-pool.ts'
import { measure, type Work } from './measure.ts'

const SIZES = [16, 128, 1024, 16 * 1024]
const LIMITS = { maxMessageSize: 64 * 1024 * 1024, maxParts: 10_000 }

await measure('FrameWriter', 'messages', bySize(write))
await measure('FrameReader', 'messages', bySize(read))

function bySize(work: (size: number) => Work): Record<string, Work> {
  return Object.fromEntries(SIZES.map(size => [`${size} B`, work(size)]))
}

function write(size: number): Work {
  const writer = new FrameWriter(new SlabPool())
  const body = Buffer.alloc(size)
  return count => {
    for (let i = 0; i < count; i++) {
      writer.message(body)
      if (!writer.full) continue
      writer.chunks()
      writer.release()
    }
  }
}

/** Chunks of 64 KiB, as the kernel hands them over. */
function read(size: number): Work {
  const writer = new FrameWriter(new SlabPool())
  while (!writer.full) writer.message(Buffer.alloc(size))
  const stream = Buffer.concat(writer.chunks())
  let left = 0
  const reader = new FrameReader({ message: () => --left > 0, command: () => true }, LIMITS)
  return count => {
    left = count
    while (left > 0) if (!reader.stopped) reader.feed(stream)
    while (reader.stopped) {
      left = 1000
      reader.resume()
    }
  }
}
