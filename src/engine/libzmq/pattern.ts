/** What a socket type does with what libzmq received: checked, counted, or shown to the application. */
import { type Frame, type Message, messageOf } from '../../message.ts'
import type { DropCause } from '../../routing/routing-strategy.ts'
import type { SocketType } from '../../socket-type.ts'
import { Requests } from './requests.ts'
import { isNotice, SUBSCRIBED, Subscribers } from './subscribers.ts'

export interface PatternOwner {
  dropped(cause: DropCause): void
  /** A peer has subscribed, or cancelled. */
  subscriptionsChanged(): void
}

export class Pattern {
  readonly #type: SocketType
  readonly #verbose: boolean
  readonly #owner: PatternOwner
  /** REQ: what is on its way. */
  readonly requests: Requests | undefined
  /** PUB, XPUB. */
  readonly subscribers = new Subscribers()

  constructor(type: SocketType, verbose: boolean, owner: PatternOwner) {
    this.#type = type
    this.#verbose = verbose
    this.#owner = owner
    this.requests = type === 'REQ' ? new Requests() : undefined
  }

  /** The message for the application; undefined when there is none in it. */
  translate(parts: readonly Frame[]): Message | undefined {
    switch (this.#type) {
      case 'REQ':
        return this.#accept(parts, this.requests!.refuse(parts))
      case 'REP':
        return this.#accept(parts, hasDelimiter(parts) ? undefined : 'malformed')
      case 'ROUTER':
        return parts
      case 'PUB':
        this.#isNews(parts)
        return undefined
      case 'XPUB':
        return this.#isNews(parts) ? messageOf(parts) : undefined
      default:
        return messageOf(parts)
    }
  }

  #accept(parts: readonly Frame[], fault: DropCause | undefined): Message | undefined {
    if (fault === undefined) return parts
    this.#owner.dropped(fault)
    return undefined
  }

  /** Counts subscriptions. False for those that change nothing, unless `verbose` asks for them. */
  #isNews(parts: readonly Frame[]): boolean {
    if (!isNotice(parts)) return true
    const news = this.subscribers.note(parts[0]!)
    this.#owner.subscriptionsChanged()
    return news || (this.#verbose && parts[0]![0] === SUBSCRIBED)
  }
}

/** Behind the peer's name, an empty part ends the envelope (RFC 28). */
function hasDelimiter(parts: readonly Frame[]): boolean {
  return parts.some((part, index) => index > 0 && part.length === 0)
}
