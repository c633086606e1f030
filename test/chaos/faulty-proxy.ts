/** Stands before a tcp endpoint, and treats connections as a bad network does. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export const FAULTS = ['cut', 'stall', 'delay', 'half-close', 'throttle'] as const
export type Fault = (typeof FAULTS)[number]

/** Bytes a throttled direction lets through at once, and the pause between two, in milliseconds. */
const TRICKLE = 512
const TRICKLE_PAUSE = 5
/** Milliseconds by which a delayed chunk is late. */
const DELAY = 60

/** One connection: two sockets, and what is done to the bytes between them. */
class Line {
  readonly #ends: readonly [Socket, Socket]
  readonly #timers = new Set<NodeJS.Timeout>()
  #mood: 'clear' | 'stalled' | 'delayed' | 'throttled' = 'clear'

  constructor(client: Socket, server: Socket, over: () => void) {
    this.#ends = [client, server]
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('error', () => {})
      from.on('data', chunk => this.#pass(from, to, chunk))
      from.on('end', () => to.end())
      from.on('close', () => {
        to.destroy()
        for (const timer of this.#timers) clearTimeout(timer)
        over()
      })
    }
  }

  suffer(fault: Fault, duration: number): void {
    const [client, server] = this.#ends
    if (fault === 'cut') {
      client.resetAndDestroy()
      server.resetAndDestroy()
    } else if (fault === 'half-close') {
      server.end()
    } else {
      this.#mood = fault === 'stall' ? 'stalled' : fault === 'delay' ? 'delayed' : 'throttled'
      if (this.#mood === 'stalled') for (const end of this.#ends) end.pause()
      this.#after(duration, () => this.recover())
    }
  }

  recover(): void {
    this.#mood = 'clear'
    for (const end of this.#ends) end.resume()
  }

  destroy(): void {
    for (const end of this.#ends) end.destroy()
  }

  #pass(from: Socket, to: Socket, chunk: Buffer): void {
    if (this.#mood === 'clear' || this.#mood === 'stalled') {
      if (!to.write(chunk) && this.#mood === 'clear') {
        from.pause()
        to.once('drain', () => this.#mood !== 'stalled' && from.resume())
      }
      return
    }
    // Nothing may overtake: the source waits until this chunk is through.
    from.pause()
    if (this.#mood === 'delayed') {
      this.#after(DELAY, () => {
        to.write(chunk)
        from.resume()
      })
      return
    }
    const trickle = (rest: Buffer): void => {
      to.write(rest.subarray(0, TRICKLE))
      if (rest.length <= TRICKLE) from.resume()
      else this.#after(TRICKLE_PAUSE, () => trickle(rest.subarray(TRICKLE)))
    }
    trickle(chunk)
  }

  #after(milliseconds: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, milliseconds)
    this.#timers.add(timer)
  }
}

export class FaultyProxy implements AsyncDisposable {
  readonly #server = createServer({ allowHalfOpen: true })
  readonly #lines = new Set<Line>()

  static async before(endpoint: string): Promise<FaultyProxy> {
    const proxy = new FaultyProxy()
    const port = Number(endpoint.split(':').at(-1))
    proxy.#server.on('connection', client => {
      const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      const line: Line = new Line(client, server, () => proxy.#lines.delete(line))
      proxy.#lines.add(line)
    })
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get endpoint(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** All connections through here. */
  suffer(fault: Fault, duration: number): void {
    for (const line of this.#lines) line.suffer(fault, duration)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const line of this.#lines) line.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
