/** Which clock `process.hrtime` reads here: equal ids mean the same clock, and nothing can be said of different ones. */
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'

let id: string | undefined

/** 16 hexadecimal digits. Read once, when the first socket asks. */
export function hostClockId(): string {
  id ??= createHash('sha256').update(`typedmq clock ${clockOfSystem()}`).digest('hex').slice(0, 16)
  return id
}

/** Linux: the boot, and the namespace that may shift the clock. Elsewhere only this process is known to have it. */
function clockOfSystem(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')} ${timeNamespace()}`
  } catch {
    return randomUUID()
  }
}

/** Kernels before 5.6 have none. */
function timeNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/time')
  } catch {
    return ''
  }
}
