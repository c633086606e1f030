/** Between what a socket exchanges with its engine and libzmq's messages, for each socket type: what comes in is checked, counted, or passed on. */
import { Addressed, delimiterIn } from '../../addressed.ts'
import type { Incoming, Outgoing } from '../../exchanged.ts'
import { type Frame, type Message, messageOf } from '../../message.ts'
import type { OutgoingRequest, RequestOutcome } from '../../outgoing-request.ts'
import { RequestCorrelation } from '../../routing/request-correlation.ts'
import type { SocketType } from '../../socket-type.ts'
import { SUBSCRIBE, subscriptionKind } from '../../subscription-message.ts'
import type { ConditionWaits } from '../condition-waits.ts'
import type { Drops } from '../drops.ts'
import { SubscriptionCounts } from './subscription-counts.ts'

export interface ConversionContext {
  readonly options: { readonly strict: boolean; readonly verbose: boolean }
  readonly drops: Drops
  /** Told when a peer has subscribed, or cancelled. */
  readonly conditions: ConditionWaits
}

export interface Conversion<Out = Message, In = Message> {
  outgoing(out: Out): Message
  /** What the application gets; undefined when there is nothing for it. */
  incoming(parts: readonly Frame[]): In | undefined
  /** REQ: the message of a request that was in flight until now. */
  forget?(out: Out): Message | undefined
  /** REQ: no peer is left that could answer. */
  loseAll?(): void
  /** REQ: the next loss to tell. */
  takeLoss?(): In | undefined
  /** PUB, XPUB. */
  readonly subscribers?: SubscriptionCounts
}

class Plain implements Conversion {
  outgoing(message: Message): Message {
    return message
  }

  incoming(parts: readonly Frame[]): Message | undefined {
    return messageOf(parts)
  }
}

class Router implements Conversion<Addressed, Addressed> {
  outgoing({ whole }: Addressed): Message {
    return whole
  }

  /** libzmq does not tell which peer is a REQ. */
  incoming(parts: readonly Frame[]): Addressed | undefined {
    return Addressed.from(parts)
  }
}

class Reply extends Router {
  readonly #context: ConversionContext

  constructor(context: ConversionContext) {
    super()
    this.#context = context
  }

  override incoming(parts: readonly Frame[]): Addressed | undefined {
    const { peer, message } = Addressed.from(parts)
    const delimiter = delimiterIn(message)
    if (delimiter >= 0) return new Addressed(peer, message, delimiter)
    this.#context.drops.add('malformed', 1, undefined)
    return undefined
  }
}

/** DEALER underneath takes any message for an answer. */
class Request implements Conversion<OutgoingRequest, RequestOutcome> {
  readonly #context: ConversionContext
  readonly #requests: RequestCorrelation

  constructor(context: ConversionContext) {
    this.#context = context
    this.#requests = new RequestCorrelation(context.options.strict)
  }

  outgoing(request: OutgoingRequest): Message {
    return (this.#requests.find(request) ?? this.#requests.begin(request)).wire
  }

  incoming(parts: readonly Frame[]): RequestOutcome | undefined {
    const outcome = this.#requests.answer(parts, undefined)
    if (typeof outcome !== 'string') return outcome
    this.#context.drops.add(outcome, 1, undefined)
    return undefined
  }

  forget(request: OutgoingRequest): Message | undefined {
    const one = this.#requests.find(request)
    if (one !== undefined) this.#requests.end(one)
    return one?.wire
  }

  loseAll(): void {
    this.#requests.loseAll()
  }

  takeLoss(): RequestOutcome | undefined {
    return this.#requests.takeLoss()
  }
}

class Publisher extends Plain {
  readonly subscribers = new SubscriptionCounts()
  readonly #context: ConversionContext

  constructor(context: ConversionContext) {
    super()
    this.#context = context
  }

  override incoming(parts: readonly Frame[]): Message | undefined {
    this.isNews(parts)
    return undefined
  }

  /** Counts subscriptions. False for those that change nothing, unless `verbose` asks for them. */
  protected isNews(parts: readonly Frame[]): boolean {
    const kind = subscriptionKind(messageOf(parts))
    if (kind === undefined) return true
    const prefix = parts[0]!.subarray(1)
    const subscribes = kind === SUBSCRIBE
    const news = subscribes ? this.subscribers.add(prefix) === 1 : this.subscribers.delete(prefix) <= 0
    this.#context.conditions.changed()
    return news || (subscribes && this.#context.options.verbose)
  }
}

class XPublisher extends Publisher {
  override incoming(parts: readonly Frame[]): Message | undefined {
    return this.isNews(parts) ? messageOf(parts) : undefined
  }
}

type Conversions = {
  readonly [Type in SocketType]: (context: ConversionContext) => Conversion<Outgoing<Type>, Incoming<Type>>
}

const plain = () => new Plain()

export const CONVERSIONS: Conversions = {
  PUSH: plain,
  PULL: plain,
  PUB: context => new Publisher(context),
  SUB: plain,
  XPUB: context => new XPublisher(context),
  XSUB: plain,
  REQ: context => new Request(context),
  REP: context => new Reply(context),
  DEALER: plain,
  ROUTER: () => new Router(),
  PAIR: plain,
}
