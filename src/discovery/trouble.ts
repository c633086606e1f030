/** Error events that nobody need listen to: an EventEmitter would throw, and discovery must never end a process. */
import { Emitter } from '../emitter.ts'
import { DiscoveryError } from '../errors.ts'
import { reasonOf } from '../reason.ts'

interface ErrorEmitter {
  listenerCount(event: 'error'): number
  emit(event: 'error', error: DiscoveryError): boolean
}

/** Emits the error, or warns where nobody listens. */
export function report(events: ErrorEmitter, error: DiscoveryError): void {
  if (events.listenerCount('error') > 0) events.emit('error', error)
  else process.emitWarning(error)
}

/** What a user's own provider or callback threw, as an error event has it. */
export function providerError(what: string, cause: unknown): DiscoveryError {
  if (cause instanceof DiscoveryError) return cause
  return new DiscoveryError('provider', `${what}: ${reasonOf(cause)}`, { cause })
}

/** The provider's `events`: the same trouble is told once, until it is over. */
export class Trouble {
  readonly events = new Emitter<{ error: [DiscoveryError] }>()
  readonly #open = new Map<string, string>()

  constructor() {
    // Every announcement and every follower listens; many of them are no leak.
    this.events.setMaxListeners(0)
  }

  tell(about: string, error: DiscoveryError): void {
    if (this.#open.get(about) === error.message) return
    this.#open.set(about, error.message)
    // Without listeners announce and follow are not in use, and the provider's caller has seen its promise.
    if (this.events.listenerCount('error') > 0) this.events.emit('error', error)
  }

  over(about: string): void {
    this.#open.delete(about)
  }
}
