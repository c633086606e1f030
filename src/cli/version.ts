/** The version of the package, as its package.json says. */
import { readFileSync } from 'node:fs'

/** From src/cli/ and, once built, from dist/: the file is one or two levels up. */
export const VERSION = versionIn('../package.json') ?? versionIn('../../package.json') ?? 'unknown'

function versionIn(path: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
    return name === 'typedmq' ? version : undefined
  } catch {
    return undefined
  }
}
