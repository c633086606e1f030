/** SUB (RFC 29): an XSUB that yields only what it is subscribed to, also while a cancellation is on its way. */
import { type Frame, firstPart, type Message } from '../message.ts'
import type { StrategyContext } from './routing-strategy.ts'
import { SkipBudget } from './skip-budget.ts'
import { Subscriptions } from './subscriptions.ts'
import { XsubStrategy } from './xsub.ts'

export class SubStrategy extends XsubStrategy {
  readonly #wanted = new Subscriptions<this>()
  readonly #skipBudget: SkipBudget

  constructor(context: StrategyContext) {
    super(context)
    this.#skipBudget = new SkipBudget(context)
  }

  get skipped(): boolean {
    return this.#skipBudget.spent
  }

  override receive(): Message | undefined {
    while (!this.#skipBudget.spent) {
      const message = this.in.receive()
      if (message === undefined || this.#wanted.match(firstPart(message)).length > 0) return message
      this.#skipBudget.skip()
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
