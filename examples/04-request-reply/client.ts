/** Asks a server process, and meets everything that may come instead of an answer. */
import { fork } from 'node:child_process'
import { PeerLostError, RemoteError, Request, TimeoutError } from 'typedmq'
import type { Answer, Question } from './contract.ts'

await using client = new Request<Question, Answer>()
fork(new URL('./server.ts', import.meta.url), [await client.bind('tcp://127.0.0.1:0')])
// A request waits for somebody to ask; its time-out counts from now, so let the server start first.
await client.connected()

// Any number may be in flight; each gets its own answer.
const halves = [2, 4, 6].map(dividend => client.request({ ask: 'divide', dividend, divisor: 2 }))
console.log('halves:', await Promise.all(halves))

// What a handler throws comes back with its name, message and code.
await client.request({ ask: 'divide', dividend: 1, divisor: 0 }).catch(error => {
  if (!(error instanceof RemoteError)) throw error
  console.log(`remote error: ${error.remoteName} ${error.remoteCode}: ${error.message}`)
})

// Each try has its own time-out.
const patient = await client.request({ ask: 'patience' }, { timeout: 100, retries: 20 })
console.log(`retries: ${patient}`)

await client.request({ ask: 'silence' }, { timeout: 100 }).catch(error => {
  if (!(error instanceof TimeoutError)) throw error
  console.log(`time-out: ${error.message}`)
})

// No need to wait for the time-out (30 s by default) when the peer is known to have gone.
await client.request({ ask: 'quit' }).catch(error => {
  if (!(error instanceof PeerLostError)) throw error
  console.log(`peer lost: ${error.message}`)
})
