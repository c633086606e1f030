/** The patterns people use against JeroMQ, which speaks ZMTP 2.0: no READY, no commands, subscriptions as messages. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { Pull } from '../../src/index.ts'
import { Jeromq, jeromqMissing } from './jeromq.ts'
import { testMatrix } from './matrix.ts'

const PAIRS = [
  'Push-PULL',
  'Pull-PUSH',
  'Publisher-SUB',
  'Subscriber-PUB',
  'Request-REP',
  'Reply-REQ',
  'Dealer-ROUTER',
  'Router-DEALER',
]

const missing = jeromqMissing()

describe('With JeroMQ', () => {
  if (missing !== undefined) {
    test.skip(`the patterns talk over ZMTP 2.0 (skipped: ${missing})`, () => {})
    return
  }
  testMatrix(() => new Jeromq(), { transports: ['tcp'], pairs: PAIRS })

  test('the version of the peer is known, and so is that a refusal holds for it too', async () => {
    const java = new Jeromq()
    onTestFinished(() => java.close())
    const asked: string[] = []
    await using pull = new Pull({
      authenticate: ({ socketType }) => asked.push(String(socketType)) > 1,
      reconnectInterval: 1,
    })
    const refused = new Promise<Error>(resolve => {
      pull.events.once('handshake:failed', ({ error }) => resolve(error))
    })
    const push = await java.open('PUSH', { connect: await pull.bind('tcp://127.0.0.1:0') })
    expect(await refused).toMatchObject({ code: 'SECURITY', status: 400 })
    await pull.connected()
    expect(pull.peers[0]).toMatchObject({ protocol: '2.0', socketType: 'PUSH' })
    expect(asked).toEqual(['PUSH', 'PUSH'])
    await push.close()
  })
})
