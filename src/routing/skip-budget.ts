/** The messages that a pattern may skip in one turn of the event loop, of however many peers. */
import { YieldBudget } from '../yield-budget.ts'
import type { StrategyContext } from './routing-strategy.ts'

/** One takes 60 to 450 ns: some milliseconds. */
const SKIPPED_A_TURN = 10_000

export class SkipBudget extends YieldBudget {
  /** Once it is spent, nothing is to be received before the next turn, in which the socket is told. */
  constructor(context: Pick<StrategyContext, 'receivable'>) {
    super(() => context.receivable(), SKIPPED_A_TURN)
  }

  /** A message was skipped. */
  skip(): void {
    this.spend(1, 0)
  }
}
