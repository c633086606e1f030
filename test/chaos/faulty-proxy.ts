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

type Mood = 'clear' | 'stall' | 'delay' | 'throttle'

/** One direction of a connection: bytes wait in line, so that nothing overtakes whatever is done to them. */
class Lane {
  mood: Mood = 'clear'
  readonly #from: Socket
  readonly #to: Socket
  #waiting: Buffer[] = []
  #ended = false
  #timer: NodeJS.Timeout | undefined

  constructor(from: Socket, to: Socket) {
    this.#from = from
    this.#to = to
    from.on('data', chunk => {
      this.#waiting.push(chunk)
      from.pause()
      this.pump()
    })
    from.on('end', () => {
      this.#ended = true
      this.pump()
    })
  }

  /** Lets through what the mood allows, one chunk after the other. */
  pump(): void {
    if (this.#timer !== undefined || this.mood === 'stall') return
    const chunk = this.#waiting.shift()
    if (chunk === undefined) {
      if (this.#ended) this.#to.end()
      else this.#from.resume()
      return
    }
    if (this.mood === 'throttle' && chunk.length > TRICKLE) this.#waiting.unshift(chunk.subarray(TRICKLE))
    const now = this.mood === 'throttle' ? chunk.subarray(0, TRICKLE) : chunk
    const wait = this.mood === 'throttle' ? TRICKLE_PAUSE : this.mood === 'delay' ? DELAY : 0
    this.#timer = setTimeout(() => {
      this.#to.write(now, () => {
        this.#timer = undefined
        this.pump()
      })
    }, wait)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.mood = 'stall'
  }
}

/** One connection: two sockets, and what is done to the bytes between them. */
class Line {
  readonly #ends: readonly [Socket, Socket]
  readonly #lanes: readonly Lane[]
  #recovery: NodeJS.Timeout | undefined

  constructor(client: Socket, server: Socket, over: () => void) {
    this.#ends = [client, server]
    this.#lanes = [new Lane(client, server), new Lane(server, client)]
    for (const end of this.#ends) {
      end.on('error', () => {})
      end.on('close', () => {
        clearTimeout(this.#recovery)
        for (const lane of this.#lanes) lane.stop()
        this.destroy()
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
      for (const lane of this.#lanes) lane.mood = fault
      clearTimeout(this.#recovery)
      this.#recovery = setTimeout(() => {
        for (const lane of this.#lanes) {
          lane.mood = 'clear'
          lane.pump()
        }
      }, duration)
    }
  }

  destroy(): void {
    for (const end of this.#ends) end.destroy()
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
