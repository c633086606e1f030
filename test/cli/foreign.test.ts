/** The command line against pyzmq, which knows nothing of us. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { Running, typedmq, useProgram } from './typedmq.ts'

useProgram()

async function python(script: string, ...args: string[]): Promise<string> {
  const child = spawn('/usr/bin/python3', [
    '-c',
    `import sys, zmq\ncontext = zmq.Context()\n${script}`,
    ...args,
  ])
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', chunk => (stdout += chunk))
  child.stderr.on('data', chunk => (stderr += chunk))
  await once(child, 'close')
  expect(stderr).toBe('')
  return stdout
}

test('pull prints what pyzmq pushes, parts included', async () => {
  await using pull = new Running(['pull', '-b', 'tcp://127.0.0.1:0', '-n', '2'])
  await python(
    's = context.socket(zmq.PUSH); s.connect(sys.argv[1]); s.send(b"one"); s.send_multipart([b"a", b"b"]); context.destroy(5000)',
    await pull.bound(),
  )
  expect(await pull.outcome).toMatchObject({ code: 0, stdout: 'one\na\tb\n' })
})

test('req asks a REP of pyzmq, and rep answers its REQ', async () => {
  await using rep = new Running(['rep', '-b', 'tcp://127.0.0.1:0', '-d', 'fine', '-n', '1'])
  const script =
    's = context.socket(zmq.REQ); s.connect(sys.argv[1]); s.send(b"how?"); print(s.recv().decode()); context.destroy()'
  expect(await python(script, await rep.bound())).toBe('fine\n')
  const server = spawn('/usr/bin/python3', [
    '-c',
    'import zmq\ns = zmq.Context().socket(zmq.REP); print(s.bind_to_random_port("tcp://127.0.0.1"), flush=True); s.send(s.recv().upper())',
  ])
  const closed = once(server, 'close')
  const [port] = await once(server.stdout, 'data')
  const req = await typedmq(['req', '-c', `tcp://127.0.0.1:${String(port).trim()}`, '-d', 'shout'])
  expect(req.stdout).toBe('SHOUT\n')
  await closed
})
