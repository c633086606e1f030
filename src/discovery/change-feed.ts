/** The changes that one watcher has not read yet: the newest of each instance, so that a slow reader costs no memory. */
import type { Service, ServiceChange } from './discovery.ts'

export class ChangeFeed implements AsyncIterableIterator<ServiceChange> {
  readonly #waiting = new Map<string, ServiceChange>()
  /** The instances the reader believes to be up. */
  readonly #seen = new Set<string>()
  readonly #onEnd: () => void
  readonly #signal: AbortSignal | undefined
  readonly #abort = () => this.end()
  #reader: ((result: IteratorResult<ServiceChange, undefined>) => void) | undefined
  #ended = false

  /** `onEnd` is called once, when there is nothing more to read. */
  constructor(signal: AbortSignal | undefined, onEnd: () => void) {
    this.#onEnd = onEnd
    this.#signal = signal
    if (signal?.aborted) this.#ended = true
    else signal?.addEventListener('abort', this.#abort)
  }

  get ended(): boolean {
    return this.#ended
  }

  up(service: Service): void {
    this.#put({ kind: 'up', service })
  }

  down(service: Service): void {
    // A reader that was never told of the instance need not be told that it is down.
    if (this.#seen.has(service.instance)) this.#put({ kind: 'down', service })
    else this.#waiting.delete(service.instance)
  }

  #put(change: ServiceChange): void {
    if (this.#ended) return
    this.#waiting.delete(change.service.instance)
    this.#waiting.set(change.service.instance, change)
    const reader = this.#reader
    this.#reader = undefined
    reader?.({ done: false, value: this.#take()! })
  }

  #take(): ServiceChange | undefined {
    const [next] = this.#waiting
    if (next === undefined) return undefined
    const [instance, change] = next
    this.#waiting.delete(instance)
    if (change.kind === 'up') this.#seen.add(instance)
    else this.#seen.delete(instance)
    return change
  }

  /** One reader at a time. */
  next(): Promise<IteratorResult<ServiceChange, undefined>> {
    const change = this.#ended ? undefined : this.#take()
    if (change !== undefined) return Promise.resolve({ done: false, value: change })
    if (this.#ended) return Promise.resolve({ done: true, value: undefined })
    return new Promise(resolve => {
      this.#reader = resolve
    })
  }

  /** Leaving a `for await`. */
  return(): Promise<IteratorResult<ServiceChange, undefined>> {
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Ends the iteration quietly. Idempotent. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#signal?.removeEventListener('abort', this.#abort)
    this.#waiting.clear()
    this.#reader?.({ done: true, value: undefined })
    this.#reader = undefined
    this.#onEnd()
  }
}
