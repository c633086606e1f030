/** The inproc transport: sockets of one thread find each other by name. */
import { parseInproc } from '../endpoint.ts'
import { AddressError } from '../errors.ts'
import type { InprocAccept, InprocTransport, Listener } from './transport.ts'

/** Plain data only: the ESM and the CJS copy of this module, and versions of it, share one. */
interface Names {
  readonly listeners: Map<string, InprocAccept>
  /** Diallers of names that nobody listens on yet; each is to be called with the accept of who does. */
  readonly waiting: Map<string, Set<(accept: InprocAccept) => void>>
}

const KEY = Symbol.for('typedmq.inproc')
/** Counts up when the shape of `Names` changes. */
const VERSION = 4

function sharedNames(): Names {
  const holder = globalThis as { [KEY]?: Record<number, Names> }
  const versions = (holder[KEY] ??= {})
  return (versions[VERSION] ??= { listeners: new Map(), waiting: new Map() })
}

export function inproc(): InprocTransport {
  const { listeners, waiting } = sharedNames()

  /** Later than the turn of `listen`, so that the listener is known before the first dialler comes. */
  const admitWaiting = (name: string, accept: InprocAccept) => {
    setImmediate(() => {
      for (const admit of waiting.get(name) ?? []) {
        if (listeners.get(name) === accept) admit(accept)
      }
    })
  }

  return {
    kind: 'queues',
    scheme: 'inproc',

    check(endpoint) {
      parseInproc(endpoint)
    },

    async listen(endpoint, take): Promise<Listener> {
      const { name } = parseInproc(endpoint)
      if (listeners.has(name)) {
        throw new AddressError(endpoint, `"${endpoint}" is in use by another socket`, 'ADDRESS_IN_USE')
      }
      // A function of its own for each listen: it is what `close` knows its own entry by.
      const accept: InprocAccept = dialler => take(dialler)
      listeners.set(name, accept)
      if (waiting.has(name)) admitWaiting(name, accept)
      return {
        endpoint,
        async close() {
          if (listeners.get(name) === accept) listeners.delete(name)
        },
      }
    },

    dial(endpoint, found, signal): void {
      const { name } = parseInproc(endpoint)
      if (signal.aborted) return
      const listening = listeners.get(name)
      if (listening !== undefined) {
        found(listening)
        return
      }
      const diallers = waiting.get(name) ?? new Set()
      waiting.set(name, diallers)
      const leave = () => {
        diallers.delete(admit)
        if (diallers.size === 0 && waiting.get(name) === diallers) waiting.delete(name)
        signal.removeEventListener('abort', leave)
      }
      const admit = (accept: InprocAccept) => {
        leave()
        found(accept)
      }
      diallers.add(admit)
      signal.addEventListener('abort', leave)
    },
  }
}
