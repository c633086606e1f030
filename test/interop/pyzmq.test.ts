/** Every pattern against pyzmq, which runs libzmq in a process of its own. */
import { describe, test } from 'vitest'
import { testMatrix } from './matrix.ts'
import { Pyzmq, pyzmqMissing } from './pyzmq.ts'

const missing = pyzmqMissing()

describe('With pyzmq', () => {
  if (missing !== undefined)
    test.skip(`every legal pair of socket types talks (skipped: ${missing})`, () => {})
  else testMatrix(() => new Pyzmq())
})
