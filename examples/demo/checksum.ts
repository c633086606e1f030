/** The work itself: which files there are, and the checksum of one and of all. */
import { createHash } from 'node:crypto'
import { opendir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Every regular file below a directory; links are not followed, unreadable directories are passed over. */
export async function* filesBelow(directory: string): AsyncGenerator<string> {
  const entries = await opendir(directory).catch(() => undefined)
  if (entries === undefined) return
  for await (const entry of entries) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile()) yield path
  }
}

export async function checksum(path: string, algorithm: string): Promise<{ digest: string; bytes: number }> {
  try {
    const content = await readFile(path)
    return { digest: createHash(algorithm).update(content).digest('hex'), bytes: content.length }
  } catch (error) {
    return { digest: `unreadable: ${(error as NodeJS.ErrnoException).code}`, bytes: 0 }
  }
}

/** One checksum over all: the same for the same files, in whatever order they were done. */
export function digestOf(results: Iterable<{ path: string; digest: string }>): string {
  const lines = Array.from(results, ({ path, digest }) => `${digest}  ${path}\n`)
  return createHash('sha256').update(lines.sort().join('')).digest('hex')
}
