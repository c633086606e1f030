/** Which clock `process.hrtime` reads here: equal ids mean the same clock, and nothing can be said of different ones. */
import { crypto } from '../builtin.ts'
import { fs } from './file-system.ts'

let id: string | undefined

/** 16 hexadecimal digits. Read once, when the first socket asks. */
export function hostClockId(): string {
  id ??= crypto().createHash('sha256').update(`typedmq clock ${clockOfSystem()}`).digest('hex').slice(0, 16)
  return id
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
