/** Fairness towards the event loop: the messages that a pattern skips, of peers without number, must not hold it up within one receive. */
import type { StrategyContext } from './routing-strategy.ts'

/** One takes 60 to 450 ns: some milliseconds. */
const SKIPPED_A_TURN = 10_000

export class Skips {
  readonly #context: Pick<StrategyContext, 'receivable'>
  #left = SKIPPED_A_TURN

  constructor(context: Pick<StrategyContext, 'receivable'>) {
    this.#context = context
  }

  /** Too much was skipped: nothing is to be received before the next turn of the event loop, in which the socket is told. */
  get over(): boolean {
    return this.#left === 0
  }

  /** A message was skipped. */
  add(): void {
    if (--this.#left > 0) return
    setImmediate(() => {
      this.#left = SKIPPED_A_TURN
      this.#context.receivable()
    })
  }
}
