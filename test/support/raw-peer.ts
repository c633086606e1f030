/** A peer made of bytes: it says exactly what it is told to, true or not. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { SocketType } from '../../src/socket-type.ts'
import { encodeCommand } from '../../src/wire/command.ts'
import { encodeFrame, FLAG_COMMAND } from '../../src/wire/frame.ts'
import { encodeGreetingRest, encodeGreetingStart } from '../../src/wire/greeting.ts'
import { encodeMetadata } from '../../src/wire/metadata.ts'

export const greeting = Buffer.concat([encodeGreetingStart(), encodeGreetingRest('NULL', false)])

/** A command as a frame. */
export function command(name: string, ...data: Uint8Array[]): Uint8Array {
  return encodeFrame(FLAG_COMMAND, encodeCommand(name, ...data))
}

export function ready(type: SocketType, properties: Record<string, string> = {}): Uint8Array {
  const all = { 'Socket-Type': type, ...properties }
  return command(
    'READY',
    encodeMetadata(Object.entries(all).map(([name, value]) => [name, Buffer.from(value)])),
  )
}

/** Greeting and READY: all that a peer has to say before its messages. */
export function introduction(type: SocketType): Uint8Array {
  return Buffer.concat([greeting, ready(type)])
}

export class RawPeer implements AsyncDisposable {
  readonly socket: Socket
  #heard = ''

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('error', () => {})
    socket.on('data', text => {
      this.#heard += text
    })
  }

  static async connect(endpoint: string): Promise<RawPeer> {
    const port = Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))
    const peer = new RawPeer(connect(port, '127.0.0.1'))
    await once(peer.socket, 'connect')
    return peer
  }

  say(...bytes: Uint8Array[]): void {
    this.socket.write(Buffer.concat(bytes))
  }

  /** Resolves once the other end has said this word. */
  async hears(word: string): Promise<void> {
    while (!this.#heard.includes(word)) await once(this.socket, 'data')
  }

  /** Resolves once the other end has hung up. */
  async over(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, 'close')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
    await this.over()
  }
}

/** Accepts, says these bytes to each newcomer, and then only listens. */
export class RawServer implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(said: Uint8Array) {
    this.#server = createServer(socket => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
      socket.resume()
      if (said.length > 0) socket.write(said)
    })
  }

  static async saying(said: Uint8Array): Promise<RawServer> {
    const server = new RawServer(said)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get endpoint(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
