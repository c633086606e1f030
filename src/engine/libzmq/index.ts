/** `typedmq/libzmq`: the engine on libzmq, for `new Push({ engine: libzmq() })`. Needs the package `zeromq`. */
import type { Engine } from '../engine.ts'
import { LibzmqEngine, type LibzmqOptions } from './libzmq-engine.ts'

export type { LibzmqOptions }

/**
 * An engine on npm `zeromq`. Without options all such engines of a process share libzmq's global context, and thereby the
 * inproc names; with options an engine has its own. Throws `UnsupportedError` when `zeromq` is not installed.
 */
export function libzmq(options: LibzmqOptions = {}): Engine {
  return new LibzmqEngine(options)
}
