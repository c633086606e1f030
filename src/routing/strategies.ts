/** Which strategy carries which socket type, and what differs in its defaults: one table. */
import type { Incoming, Outgoing } from '../exchanged.ts'
import type { SocketOptions } from '../options.ts'
import type { SocketType } from '../socket-type.ts'
import { DealerStrategy } from './dealer.ts'
import { PairStrategy } from './pair.ts'
import { PubStrategy } from './pub.ts'
import { PullStrategy } from './pull.ts'
import { PushStrategy } from './push.ts'
import { RepStrategy } from './rep.ts'
import { ReqStrategy } from './req.ts'
import { RouterStrategy } from './router.ts'
import type { RoutingStrategy, StrategyContext } from './routing-strategy.ts'
import { SubStrategy } from './sub.ts'
import { XpubStrategy } from './xpub.ts'
import { XsubStrategy } from './xsub.ts'

type Strategies = {
  readonly [Type in SocketType]: (context: StrategyContext) => RoutingStrategy<Outgoing<Type>, Incoming<Type>>
}

export const STRATEGIES: Strategies = {
  PUSH: context => new PushStrategy(context),
  PULL: () => new PullStrategy(),
  PUB: context => new PubStrategy(context),
  SUB: context => new SubStrategy(context),
  XPUB: context => new XpubStrategy(context),
  XSUB: context => new XsubStrategy(context),
  REQ: context => new ReqStrategy(context),
  REP: context => new RepStrategy(context),
  DEALER: context => new DealerStrategy(context),
  ROUTER: context => new RouterStrategy(context, routerRules(context.options)),
  PAIR: context => new PairStrategy(context),
}

function routerRules({ mandatory, onFull, handover }: SocketOptions) {
  return { mandatory, onFull: onFull === 'wait' ? 'wait' : 'reject', handover, ownNames: true } as const
}
