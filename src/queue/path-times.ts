/** How long messages took on their way from one sender's `send` to one receiver's next question, and how many came in what time. */
import { Delays } from './delays.ts'

export class PathTimes {
  /** Received. */
  messages = 0
  readonly produce = new Delays()
  readonly queue = new Delays()
  readonly consume = new Delays()
  readonly latency = new Delays()
  sent = 0
  readonly sentProduce = new Delays()
  #first = 0
  #last = 0

  /** A message came into a queue here. */
  queued(produce: number): void {
    this.sent++
    this.sentProduce.add(produce)
  }

  /** A message was taken here. `queue` is undefined where the clocks are not known well enough. */
  taken(time: number, produce: number, queue: number | undefined): void {
    if (this.messages++ === 0) this.#first = time
    this.#last = time
    this.produce.add(produce)
    if (queue !== undefined) this.queue.add(queue)
  }

  consumed(consume: number, latency: number | undefined): void {
    this.consume.add(consume)
    if (latency !== undefined) this.latency.add(latency)
  }

  /** Messages a second between the first and the last that were taken. */
  get throughput(): number | undefined {
    const seconds = (this.#last - this.#first) / 1000
    return seconds > 0 ? (this.messages - 1) / seconds : undefined
  }
}
