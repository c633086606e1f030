/** REP (RFC 28): answers whoever asked. A ROUTER that names its peers itself; an answer that cannot go is dropped and counted. */
import { type Message, partsOf } from '../message.ts'
import { RouterStrategy } from './router.ts'
import type { StrategyContext } from './routing-strategy.ts'

export class RepStrategy extends RouterStrategy {
  constructor(context: StrategyContext) {
    super(context, { mandatory: false, onFull: 'reject', handover: false, ownNames: false })
  }

  /** Skips what has no empty part between envelope and body. */
  override receive(): Message | undefined {
    let message = super.receive()
    while (message !== undefined && !partsOf(message).some(part => part.length === 0)) {
      this.context.dropped('malformed', undefined)
      message = super.receive()
    }
    return message
  }
}
