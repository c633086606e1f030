/** SUB (RFC 29): an XSUB that yields only what it is subscribed to, also while a cancellation is on its way. */
import { type Frame, isSingle, type Message, partsOf } from '../message.ts'
import { Subscriptions } from './subscriptions.ts'
import { XsubStrategy } from './xsub.ts'

export class SubStrategy extends XsubStrategy {
  readonly #wanted = new Subscriptions<this>()

  override receive(): Message | undefined {
    let message = this.in.receive()
    while (message !== undefined && this.#wanted.match(topicOf(message)).length === 0)
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

function topicOf(message: Message): Frame {
  return isSingle(message) ? message : partsOf(message)[0]!
}
