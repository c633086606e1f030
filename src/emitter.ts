/** An EventEmitter whose listeners run apart from whoever emits, and from each other. */
import { EventEmitter } from 'node:events'

/**
 * What a listener throws becomes an uncaught exception, as it would from a timer; the other listeners still run, and
 * whoever emits goes on. An `error` event without listeners is thrown, as by any EventEmitter.
 */
export class Emitter<Events extends Record<keyof Events, any[]>> extends EventEmitter<Events> {
  override emit(name: any, ...args: any[]): boolean {
    if (this.listenerCount(name) === 0) return name === 'error' && super.emit(name, ...(args as any))
    // Those of `once` take themselves out when they are called.
    for (const listener of this.rawListeners(name)) {
      try {
        Reflect.apply(listener, this, args)
      } catch (error) {
        process.nextTick(rethrow, error)
      }
    }
    return true
  }
}

function rethrow(error: unknown): never {
  throw error
}
