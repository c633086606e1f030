/** SUB (RFC 29): an XSUB that yields only what it is subscribed to, also while a cancellation is on its way. */
import { type Frame, firstPart, type Message } from '../message.ts'
import { Subscriptions } from './subscriptions.ts'
import { XsubStrategy } from './xsub.ts'

export class SubStrategy extends XsubStrategy {
  readonly #wanted = new Subscriptions<this>()

  override receive(): Message | undefined {
    let message = this.in.receive()
    while (message !== undefined && this.#wanted.match(firstPart(message)).length === 0)
      message = this.in.receive()
    return message
  }

  protected override subscribed(prefix: Frame): void {
    this.#wanted.add(prefix, this)
  }

  protected override cancelled(prefix: Frame): void {
    this.#wanted.delete(prefix, this)
  }
}
