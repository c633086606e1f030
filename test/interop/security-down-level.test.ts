/** ZMTP 2.0 (RFC 15) has no mechanism; speaking it is no way around `authenticate` or a mechanism. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { raw } from '../../src/codec/raw.ts'
import { SecurityError } from '../../src/errors.ts'
import type { AuthenticationRequest } from '../../src/security/authenticate.ts'
import { curveKeyPair, curveServer } from '../../src/security/curve/index.ts'
import { plainServer } from '../../src/security/plain.ts'
import { Pull } from '../../src/sockets/push-pull.ts'

/** Signature, revision 1, PUSH, no identity, and a message "hello". */
const DOWN_LEVEL_PUSH = Buffer.from('ff00000000000000017f' + '01' + '08' + '0000' + '000568656c6c6f', 'hex')

async function intrude(pull: Pull<any>): Promise<Socket> {
  const endpoint = await pull.bind('tcp://127.0.0.1:0')
  const socket = connect(Number(endpoint.split(':').at(-1)), '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  socket.write(DOWN_LEVEL_PUSH)
  return socket
}

test('a ZMTP 2.0 peer is asked about like any other', async () => {
  const asked: AuthenticationRequest[] = []
  await using pull = new Pull({
    codec: raw,
    authenticate: async request => {
      asked.push(request)
      return { accept: false, reason: 'not you' }
    },
  })
  const failed = once(pull.events, 'handshake:failed')
  const socket = await intrude(pull)
  expect((await failed)[0].error).toMatchObject({ status: 400, message: 'not you' })
  expect(asked).toMatchObject([{ mechanism: 'NULL', socketType: 'PUSH' }])
  expect(pull.tryReceive()).toBeUndefined()
  socket.destroy()
})

test('a ZMTP 2.0 peer is served once it is let in', async () => {
  await using pull = new Pull({ codec: raw, authenticate: async () => ({ accept: true, userId: 'old' }) })
  const socket = await intrude(pull)
  expect(String(await pull.receive())).toBe('hello')
  expect(pull.peers).toMatchObject([{ protocol: '2.0', userId: 'old' }])
  socket.destroy()
})

test.each([
  ['CURVE', curveServer(curveKeyPair())],
  ['PLAIN', plainServer()],
])('a ZMTP 2.0 peer gets nowhere with a %s server', async (_, security) => {
  await using pull = new Pull({ codec: raw, security })
  const failed = once(pull.events, 'handshake:failed')
  const socket = await intrude(pull)
  expect((await failed)[0].error).toBeInstanceOf(SecurityError)
  expect(pull.tryReceive()).toBeUndefined()
  socket.destroy()
})
