/** Which clock `process.hrtime` reads here: two ends find out whether it is the same one, and tell nobody which it is. */
import { crypto } from '../builtin.ts'
import type { Frame } from '../message.ts'
import { fs } from './builtin.ts'

let name: string | undefined

/**
 * 32 bytes that only a process with the same clock can make of the two salts: equal ones mean the same clock, and nothing can be said
 * of different ones. Both salts are in it, so that what one peer is told means nothing to another.
 */
export function hostClockId(salt: Frame, otherSalt: Frame): Buffer {
  // Read once, when it is first asked for.
  name ??= clockOfSystem()
  const hmac = crypto().createHmac('sha256', `typedmq clock ${name}`)
  // The length, so that no other pair of salts gives the same bytes.
  return hmac.update(`${salt.length} `).update(salt).update(otherSalt).digest()
}

/** Linux: the boot, and the namespace that may shift the clock. Elsewhere only this process is known to have it. */
function clockOfSystem(): string {
  try {
    return `${fs().readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')} ${timeNamespace()}`
  } catch {
    return crypto().randomUUID()
  }
}

/** Kernels before 5.6 have none. */
function timeNamespace(): string {
  try {
    return fs().readlinkSync('/proc/self/ns/time')
  } catch {
    return ''
  }
}
