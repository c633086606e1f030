/** REP (RFC 28): answers whoever asked. A ROUTER that names its peers itself; an answer that cannot go is dropped and counted. */
import type { Addressed } from '../addressed.ts'
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

  /** Skips what has no empty part between envelope and body. */
  override receive(): Addressed | undefined {
    while (!this.#skipBudget.spent) {
      const request = super.receive()
      if (request === undefined || request.delimiter >= 0) return request
      this.context.dropped('malformed', undefined)
      this.#skipBudget.skip()
    }
    return undefined
  }

  protected override splits(): boolean {
    return true
  }
}
