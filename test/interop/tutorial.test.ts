/** The first program of ZeroMQ tutorials, nearly unchanged: a pusher in Python that says hello to a port. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { Pull, Push, raw } from '../../src/index.ts'
import { PYTHON, pyzmqMissing } from './pyzmq.ts'

const missing = pyzmqMissing()
const skipped = missing === undefined ? '' : ` (skipped: ${missing})`

const PUSHER = `
import sys
import zmq

context = zmq.Context()
socket = context.socket(zmq.PUSH)
socket.connect(f"tcp://localhost:{sys.argv[1]}")
socket.send(b"Hello, World!")
# Waits until it has left; a script that just ends may be faster than its own connection.
socket.close()
context.term()
`

const PULLER = `
import sys
import zmq

context = zmq.Context()
socket = context.socket(zmq.PULL)
socket.connect(f"tcp://localhost:{sys.argv[1]}")
print(socket.recv().decode())
`

const portOf = (endpoint: string) => endpoint.slice(endpoint.lastIndexOf(':') + 1)

describe('The hello world of a tutorial', () => {
  test.skipIf(skipped !== '')(`arrives from Python${skipped}`, async () => {
    await using pull = new Pull({ codec: raw })
    const port = portOf(await pull.bind('tcp://*:0'))
    const python = spawn(PYTHON, ['-c', PUSHER, port], { stdio: ['ignore', 'ignore', 'inherit'] })
    const [message, exit] = await Promise.all([pull.receive(), once(python, 'exit')])
    expect(String(message)).toBe('Hello, World!')
    expect(exit).toEqual([0, null])
  })

  test.skipIf(skipped !== '')(`arrives in Python${skipped}`, async () => {
    await using push = new Push({ codec: raw })
    const port = portOf(await push.bind('tcp://*:0'))
    const python = spawn(PYTHON, ['-c', PULLER, port], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = await Promise.all([text(python.stdout), push.send(Buffer.from('Hello, World!'))])
    expect(said).toBe('Hello, World!\n')
  })
})
