/** REP (RFC 28): answers whoever asked. A ROUTER that names its peers itself; an answer that cannot go is dropped and counted. */
import { type Message, partsOf } from '../message.ts'
import { RouterStrategy } from './router.ts'
import type { StrategyContext } from './routing-strategy.ts'
import { SkipBudget } from './skip-budget.ts'

export class RepStrategy extends RouterStrategy {
  readonly #skipBudget: SkipBudget

  constructor(context: StrategyContext) {
    super(context, { mandatory: false, onFull: 'reject', handover: false, ownNames: false })
    this.#skipBudget = new SkipBudget(context)
  }

  get skipped(): boolean {
    return this.#skipBudget.spent
  }

  /** SkipBudget what has no empty part between envelope and body. */
  override receive(): Message | undefined {
    while (!this.#skipBudget.spent) {
      const message = super.receive()
      if (message === undefined || partsOf(message).some(part => part.length === 0)) return message
      this.context.dropped('malformed', undefined)
      this.#skipBudget.skip()
    }
    return undefined
  }
}
