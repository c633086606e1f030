/** Sends of one socket: checked, converted, and given to libzmq in the way that its type and options ask for. */
import { type ClosedError, StateError } from '../../errors.ts'
import type { Outgoing } from '../../exchanged.ts'
import { byteLengthOf, type Message, partCountOf } from '../../message.ts'
import type { SocketType } from '../../socket-type.ts'
import { objection } from '../deadline.ts'
import type { Drops } from '../drops.ts'
import type { CoreOptions, OperationOptions, Sink } from '../engine.ts'
import { misfit } from '../misfit.ts'
import type { Conversion } from './conversions.ts'
import { SENDERS } from './libzmq-options.ts'
import type { NativeSocket } from './native.ts'
import { NativeSender } from './native-sender.ts'
import { type RoutedRules, RoutedSender } from './routed-sender.ts'

export class Sends<Type extends SocketType> implements Sink<Outgoing<Type>> {
  readonly #type: Type
  readonly #options: CoreOptions
  readonly #conversion: Conversion<Outgoing<Type>, unknown>
  /** Takes messages as they are. */
  readonly native: NativeSender | RoutedSender
  #closed: { readonly reason: ClosedError } | undefined

  constructor(
    type: Type,
    options: CoreOptions,
    native: NativeSocket,
    conversion: Conversion<Outgoing<Type>, unknown>,
    drops: Drops,
  ) {
    this.#type = type
    this.#options = options
    this.#conversion = conversion
    const rules = routedRules(type, options)
    this.native = rules === undefined ? new NativeSender(native) : new RoutedSender(native, rules, drops)
  }

  send(out: Outgoing<Type>, options?: OperationOptions): Promise<void> {
    const conversion = this.#conversion
    const message = conversion.outgoing(out)
    const problem = this.#problem(message) ?? objection(options)
    const sent = problem === undefined ? this.native.send(message, options) : Promise.reject(problem.reason)
    if (conversion.forget === undefined) return sent
    return sent.catch(error => {
      conversion.forget!(out)
      throw error
    })
  }

  trySend(out: Outgoing<Type>): boolean {
    const message = this.#conversion.outgoing(out)
    const problem = this.#problem(message)
    if (problem === undefined && this.native.trySend(message)) return true
    this.#conversion.forget?.(out)
    if (problem !== undefined) throw problem.reason
    return false
  }

  /** Returns how many messages were promised to go and will not. */
  close(error: ClosedError): number {
    this.#closed = { reason: error }
    return this.native.close(error)
  }

  #problem(message: Message): { readonly reason: unknown } | undefined {
    if (this.#closed !== undefined) return this.#closed
    if (!SENDERS.includes(this.#type)) return { reason: new StateError('this socket type cannot send') }
    const { maxMessageSize, maxParts } = this.#options
    const bytes = byteLengthOf(message)
    const parts = partCountOf(message)
    if (bytes <= maxMessageSize && parts <= maxParts) return undefined
    return { reason: misfit(bytes, parts, 1, this.#options) }
  }
}

/** For a socket that says only afterwards that it did not take a message. */
function routedRules(type: SocketType, { mandatory, onFull }: CoreOptions): RoutedRules | undefined {
  const waits = onFull === 'wait'
  if (type === 'REP') return { unknown: 'drop', full: 'drop', oneLine: false }
  if (type === 'ROUTER') {
    const refused = mandatory ? 'reject' : 'drop'
    return { unknown: refused, full: waits ? 'wait' : refused, oneLine: false }
  }
  // With ZMQ_XPUB_NODROP one full subscriber holds back all.
  if (waits && (type === 'PUB' || type === 'XPUB')) return { unknown: 'drop', full: 'wait', oneLine: true }
  return undefined
}
