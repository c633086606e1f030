/** Spoils one stream at one place while it flows, whatever its chunks are. */
import type { Meddle } from '../support/memory-transport.ts'
import { type Spoil, spoil } from './spoil.ts'

/** `at` counts bytes from the beginning of the stream; beyond its end nothing is spoilt. */
export function tamperer(given: Spoil): Meddle {
  let passed = 0
  let cut = false
  return bytes => {
    if (cut) return Buffer.alloc(0)
    const at = given.at - passed
    passed += bytes.length
    if (at < 0 || at >= bytes.length) return bytes
    cut = given.how === 'cut'
    return spoil(bytes, { ...given, at })
  }
}
