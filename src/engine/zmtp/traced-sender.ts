/** The sender of a socket that traces: notes when each send began. */
import type { Message } from '../../message.ts'
import type { SocketOptions } from '../../options.ts'
import type { RoutingStrategy } from '../../routing/routing-strategy.ts'
import type { OperationOptions } from '../engine.ts'
import { Sender } from './sender.ts'
import type { Tracer } from './tracer.ts'

export class TracedSender extends Sender {
  readonly #tracer: Tracer

  constructor(strategy: RoutingStrategy, options: SocketOptions, tracer: Tracer) {
    super(tracer.sends(strategy), options)
    this.#tracer = tracer
  }

  override send(message: Message, options?: OperationOptions): Promise<void> {
    return this.#tracer.sending(message, () => super.send(message, options))
  }

  override trySend(message: Message): boolean {
    return this.#tracer.sending(message, () => super.trySend(message))
  }
}
