/** Every pattern against npm `zeromq`, which runs libzmq in this process. */
import { describe, expect, test } from 'vitest'
import { missingPairs, testMatrix } from './matrix.ts'
import { zeromqJs } from './zeromq-js.ts'

describe('With zeromq.js', () => {
  testMatrix(() => zeromqJs)

  test('no legal pair of socket types is left out', () => {
    expect(missingPairs()).toEqual([])
  })
})
