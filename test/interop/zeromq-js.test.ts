/** Every pattern against npm `zeromq`, which runs libzmq in this process. */
import { describe, expect, test } from 'vitest'
import { Push, raw } from '../../src/index.ts'
import { missingPairs, testMatrix } from './matrix.ts'
import { zeromqJs } from './zeromq-js.ts'

describe('With zeromq.js', () => {
  testMatrix(() => zeromqJs)

  test('no legal pair of socket types is left out', () => {
    expect(missingPairs()).toEqual([])
  })

  test('what was sent right before a disconnect is known to have arrived', async () => {
    const pull = await zeromqJs.open('PULL', { bind: 'tcp://127.0.0.1:*' })
    await using push = new Push({ codec: raw }).connect(pull.endpoint)
    await push.connected(1)
    const gone = new Promise(resolve => push.events.once('disconnect', resolve))
    for (let count = 0; count < 100; count++) await push.send(Buffer.from(String(count)))
    push.disconnect(pull.endpoint)
    expect(await gone).toMatchObject({ error: undefined, possiblyLost: 0 })
    for (let count = 0; count < 100; count++) expect(String(await pull.receive())).toBe(String(count))
    await pull.close()
  })
})
