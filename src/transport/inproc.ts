/** The inproc transport: sockets of one thread hand each other the ends of pipes, under names. */
import { parseInproc } from '../endpoint.ts'
import { AddressError } from '../errors.ts'
import type { Peer } from '../peer.ts'
import type { Pipe } from '../queue/pipe.ts'
import type { Listener, PipeTransport } from './transport.ts'

type Accept = (far: Pipe, dialler: Peer) => Peer

/** Plain data only: the ESM and the CJS copy of this module, and versions of it, share one. */
interface Names {
  readonly listeners: Map<string, Accept>
  /** Diallers of names that nobody listens on yet; each is to be called with the accept of who does. */
  readonly waiting: Map<string, Set<(accept: Accept) => void>>
}

const KEY = Symbol.for('typedmq.inproc')
/** Counts up when the shape of `Names` changes. */
const VERSION = 1

function sharedNames(): Names {
  const holder = globalThis as { [KEY]?: Record<number, Names> }
  const versions = (holder[KEY] ??= {})
  return (versions[VERSION] ??= { listeners: new Map(), waiting: new Map() })
}

export function inproc(): PipeTransport {
  const { listeners, waiting } = sharedNames()

  /** Later than the turn of `listen`, so that the listener is known before the first dialler comes. */
  const admitWaiting = (name: string, accept: Accept) => {
    setImmediate(() => {
      for (const admit of waiting.get(name) ?? []) {
        if (listeners.get(name) === accept) admit(accept)
      }
    })
  }

  return {
    kind: 'pipes',
    scheme: 'inproc',

    check(endpoint) {
      parseInproc(endpoint)
    },

    async listen(endpoint, give): Promise<Listener> {
      const { name } = parseInproc(endpoint)
      if (listeners.has(name)) {
        throw new AddressError(endpoint, `"${endpoint}" is in use by another socket`, 'ADDRESS_IN_USE')
      }
      // A function of its own for each listen: it is what `close` knows its own entry by.
      const accept: Accept = (far, dialler) => give(far, dialler)
      listeners.set(name, accept)
      if (waiting.has(name)) admitWaiting(name, accept)
      return {
        endpoint,
        async close() {
          if (listeners.get(name) === accept) listeners.delete(name)
        },
      }
    },

    async dial(endpoint, far, self, signal): Promise<Peer> {
      const { name } = parseInproc(endpoint)
      signal.throwIfAborted()
      const accept = listeners.get(name)
      if (accept !== undefined) return accept(far, self)
      return new Promise((resolve, reject) => {
        const diallers = waiting.get(name) ?? new Set()
        waiting.set(name, diallers)
        const leave = () => {
          diallers.delete(admit)
          if (diallers.size === 0 && waiting.get(name) === diallers) waiting.delete(name)
          signal.removeEventListener('abort', aborted)
        }
        const admit = (accept: Accept) => {
          leave()
          try {
            resolve(accept(far, self))
          } catch (error) {
            reject(error)
          }
        }
        const aborted = () => {
          leave()
          reject(signal.reason)
        }
        diallers.add(admit)
        signal.addEventListener('abort', aborted)
      })
    },
  }
}
