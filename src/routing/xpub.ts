/** XPUB (RFC 29): a PUB that shows the application its subscriptions and what its peers send upstream. */
import type { Frame, Message } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'
import { Ring } from '../queue/ring.ts'
import { CANCEL, PubStrategy, SUBSCRIBE } from './pub.ts'

export class XpubStrategy extends PubStrategy {
  readonly #inbox = new Ring<Message>()

  receive(): Message | undefined {
    return this.#inbox.shift()
  }

  protected override subscribed(prefix: Frame, fresh: boolean): void {
    if (fresh || this.context.options.verbose) this.#put(notice(SUBSCRIBE, prefix), undefined)
  }

  protected override cancelled(prefix: Frame): void {
    this.#put(notice(CANCEL, prefix), undefined)
  }

  protected override upstream(message: Message, pipe: Pipe): void {
    this.#put(message, pipe)
  }

  /** A subscription counts even when the application does not care to read of it. */
  #put(message: Message, pipe: Pipe | undefined): void {
    if (this.#inbox.length >= this.context.options.receiveHighWaterMark) {
      this.context.dropped('high-water-mark', pipe)
      return
    }
    this.#inbox.push(message)
    this.context.receivable()
  }
}

function notice(kind: number, prefix: Frame): Frame {
  return Buffer.concat([Buffer.from([kind]), prefix])
}
