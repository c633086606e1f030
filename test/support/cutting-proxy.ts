/** A tcp proxy whose connections a test can cut, or keep open and let nothing through. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export class CuttingProxy implements AsyncDisposable {
  readonly #server = createServer()
  readonly #sockets = new Set<Socket>()
  #stalled = false

  /** Stands before a tcp endpoint. */
  static async before(endpoint: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy()
    const port = Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))
    proxy.#server.on('connection', socket => proxy.#join(socket, connect(port, '127.0.0.1')))
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get endpoint(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Ends all connections without ceremony; what is on its way is lost. New ones are let through. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** From now on nothing gets through, and nobody is told. */
  stall(): void {
    this.#stalled = true
    for (const socket of this.#sockets) socket.unpipe().pause()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(a: Socket, b: Socket): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      this.#sockets.add(from)
      from.on('error', () => {})
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
      if (this.#stalled) from.pause()
      else from.pipe(to)
    }
  }
}
