/** SUB (RFC 29): an XSUB that yields only what it is subscribed to, also while a cancellation is on its way. */
import { type Frame, firstPart, type Message } from '../message.ts'
import type { StrategyContext } from './routing-strategy.ts'
import { Skips } from './skips.ts'
import { Subscriptions } from './subscriptions.ts'
import { XsubStrategy } from './xsub.ts'

export class SubStrategy extends XsubStrategy {
  readonly #wanted = new Subscriptions<this>()
  readonly #skips: Skips

  constructor(context: StrategyContext) {
    super(context)
    this.#skips = new Skips(context)
  }

  get skipped(): boolean {
    return this.#skips.over
  }

  override receive(): Message | undefined {
    while (!this.#skips.over) {
      const message = this.in.receive()
      if (message === undefined || this.#wanted.match(firstPart(message)).length > 0) return message
      this.#skips.add()
    }
    return undefined
  }

  protected override subscribed(prefix: Frame): void {
    this.#wanted.add(prefix, this)
  }

  protected override cancelled(prefix: Frame): void {
    this.#wanted.delete(prefix, this)
  }
}
