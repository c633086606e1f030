/** What a socket type gives to libzmq, and what it makes of what libzmq received: checked, counted, or shown to the application. */
import { Addressed, delimiterIn } from '../../addressed.ts'
import type { Incoming, Outgoing } from '../../exchanged.ts'
import { type Frame, type Message, messageOf } from '../../message.ts'
import type { OutgoingRequest, RequestOutcome } from '../../outgoing-request.ts'
import { RequestCorrelation } from '../../routing/request-correlation.ts'
import type { DropCause } from '../../routing/routing-strategy.ts'
import type { SocketType } from '../../socket-type.ts'
import { isNotice, SUBSCRIBED, Subscribers } from './subscribers.ts'

export interface PatternOwner {
  readonly options: { readonly strict: boolean; readonly verbose: boolean }
  dropped(cause: DropCause): void
  /** A peer has subscribed, or cancelled. */
  subscriptionsChanged(): void
}

export interface NativePattern<Out = Message, In = Message> {
  outgoing(out: Out): Message
  /** What the application gets; undefined when there is nothing for it. */
  incoming(parts: readonly Frame[]): In | undefined
  /** REQ: the message of a request that was in flight until now. */
  forget?(out: Out): Message | undefined
  /** REQ: nobody will answer any more. */
  loseAll?(): void
  /** REQ: the next loss to tell. */
  takeLoss?(): In | undefined
  /** PUB, XPUB. */
  readonly subscribers?: Subscribers
}

class Plain implements NativePattern {
  outgoing(message: Message): Message {
    return message
  }

  incoming(parts: readonly Frame[]): Message | undefined {
    return messageOf(parts)
  }
}

class Router implements NativePattern<Addressed, Addressed> {
  outgoing({ whole }: Addressed): Message {
    return whole
  }

  /** libzmq does not tell which peer is a REQ. */
  incoming(parts: readonly Frame[]): Addressed | undefined {
    return Addressed.from(parts)
  }
}

class Reply extends Router {
  readonly #owner: PatternOwner

  constructor(owner: PatternOwner) {
    super()
    this.#owner = owner
  }

  override incoming(parts: readonly Frame[]): Addressed | undefined {
    const { peer, message } = Addressed.from(parts)
    const delimiter = delimiterIn(message)
    if (delimiter >= 0) return new Addressed(peer, message, delimiter)
    this.#owner.dropped('malformed')
    return undefined
  }
}

/** DEALER underneath takes any message for an answer. */
class Request implements NativePattern<OutgoingRequest, RequestOutcome> {
  readonly #owner: PatternOwner
  readonly #requests: RequestCorrelation

  constructor(owner: PatternOwner) {
    this.#owner = owner
    this.#requests = new RequestCorrelation(owner.options.strict)
  }

  outgoing(request: OutgoingRequest): Message {
    return (this.#requests.find(request) ?? this.#requests.begin(request)).wire
  }

  incoming(parts: readonly Frame[]): RequestOutcome | undefined {
    const outcome = this.#requests.answer(parts, undefined)
    if (typeof outcome !== 'string') return outcome
    this.#owner.dropped(outcome)
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
  readonly subscribers = new Subscribers()
  readonly #owner: PatternOwner

  constructor(owner: PatternOwner) {
    super()
    this.#owner = owner
  }

  override incoming(parts: readonly Frame[]): Message | undefined {
    this.isNews(parts)
    return undefined
  }

  /** Counts subscriptions. False for those that change nothing, unless `verbose` asks for them. */
  protected isNews(parts: readonly Frame[]): boolean {
    if (!isNotice(parts)) return true
    const news = this.subscribers.note(parts[0]!)
    this.#owner.subscriptionsChanged()
    return news || (this.#owner.options.verbose && parts[0]![0] === SUBSCRIBED)
  }
}

class XPublisher extends Publisher {
  override incoming(parts: readonly Frame[]): Message | undefined {
    return this.isNews(parts) ? messageOf(parts) : undefined
  }
}

type Patterns = {
  readonly [Type in SocketType]: (owner: PatternOwner) => NativePattern<Outgoing<Type>, Incoming<Type>>
}

const plain = () => new Plain()

export const PATTERNS: Patterns = {
  PUSH: plain,
  PULL: plain,
  PUB: owner => new Publisher(owner),
  SUB: plain,
  XPUB: owner => new XPublisher(owner),
  XSUB: plain,
  REQ: owner => new Request(owner),
  REP: owner => new Reply(owner),
  DEALER: plain,
  ROUTER: () => new Router(),
  PAIR: plain,
}
