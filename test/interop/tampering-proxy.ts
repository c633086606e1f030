/** Stands between a client and a server on tcp, and changes what passes. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** What becomes of one chunk that the client sent. */
export type Tamper = (chunk: Buffer) => { toServer?: readonly Buffer[]; toClient?: readonly Buffer[] }

export class TamperingProxy implements AsyncDisposable {
  /** Everything that clients sent. */
  readonly recorded: Buffer[] = []
  /** Undefined: all passes as it is. */
  tamper: Tamper | undefined
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(target: number) {
    this.#server = createServer(client => this.#join(client, this.#keep(connect(target, '127.0.0.1'))))
  }

  static async open(target: string): Promise<TamperingProxy> {
    const proxy = new TamperingProxy(Number(target.split(':').at(-1)))
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening')
    return proxy
  }

  get endpoint(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket, server: Socket): void {
    this.#keep(client)
    client.on('data', chunk => {
      this.recorded.push(chunk)
      const { toServer = [], toClient = [] } = this.tamper?.(chunk) ?? { toServer: [chunk] }
      for (const bytes of toServer) server.write(bytes)
      for (const bytes of toClient) client.write(bytes)
    })
    server.on('data', chunk => client.write(chunk))
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
    return socket
  }
}
