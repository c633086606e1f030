/** Error events that need no listener: an EventEmitter would throw, and discovery must never end a process. */
import { Emitter } from '../emitter.ts'
import { DiscoveryError } from '../errors.ts'
import { reasonOf } from '../reason.ts'

interface ErrorEmitter {
  listenerCount(event: 'error'): number
  emit(event: 'error', error: DiscoveryError): boolean
}

/** Emits the error, or warns the process if there is no listener. */
export function emitOrWarn(events: ErrorEmitter, error: DiscoveryError): void {
  if (events.listenerCount('error') > 0) events.emit('error', error)
  else process.emitWarning(error)
}

/** What a user's own provider or callback threw, as an error event has it. */
export function providerError(what: string, cause: unknown): DiscoveryError {
  if (cause instanceof DiscoveryError) return cause
  return new DiscoveryError('provider', `${what}: ${reasonOf(cause)}`, { cause })
}

/** The errors of a provider: each is reported once until it is resolved. */
export class ErrorReporter {
  readonly events = new Emitter<{ error: [DiscoveryError] }>()
  readonly #open = new Map<string, string>()

  constructor() {
    // Every announcement and every follower listens: many listeners are not a leak.
    this.events.setMaxListeners(0)
  }

  /** `subject` is what the error is about, of which one error is open at a time. */
  report(subject: string, error: DiscoveryError): void {
    if (this.#open.get(subject) === error.message) return
    this.#open.set(subject, error.message)
    // Without listeners announce and follow are not in use, and the provider's caller has seen its promise.
    if (this.events.listenerCount('error') > 0) this.events.emit('error', error)
  }

  resolved(subject: string): void {
    this.#open.delete(subject)
  }
}
