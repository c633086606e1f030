/** A nats-server of our own on a free port. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { observer } from './load.ts'

export async function startBroker(): Promise<{ endpoint: string; stop(): void }> {
  const server = spawn('nats-server', ['--addr', '127.0.0.1', '--port', '-1'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (server.pid !== undefined) observer?.joined(server.pid)
  process.on('exit', () => server.kill('SIGKILL'))
  server.on('exit', () => observer?.ended(server.pid!))
  for await (const line of createInterface(server.stderr)) {
    const address = line.match(/Listening for client connections on (\S+)/)?.[1]
    if (address === undefined) continue
    // The log goes on; unread it would fill the pipe.
    server.stderr.resume()
    const stop = () => {
      observer?.leaves(server.pid!)
      server.kill('SIGKILL')
    }
    return { endpoint: `tcp://${address}`, stop }
  }
  throw new Error('nats-server ended before it listened')
}
