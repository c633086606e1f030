/** XPUB (RFC 29): a PUB that shows the application its subscriptions and what its peers send upstream. */
import { byteLengthOf, type Frame, type Message } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'
import { Ring } from '../queue/ring.ts'
import { CANCEL, PubStrategy, SUBSCRIBE } from './pub.ts'

export class XpubStrategy extends PubStrategy {
  readonly #inbox = new Ring<Message>()
  #inboxBytes = 0

  receive(): Message | undefined {
    const message = this.#inbox.shift()
    if (message !== undefined) this.#inboxBytes -= byteLengthOf(message)
    return message
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
    const { receiveHighWaterMark, receiveHighWaterMarkBytes } = this.context.options
    if (this.#inbox.length >= receiveHighWaterMark || this.#inboxBytes >= receiveHighWaterMarkBytes) {
      this.context.dropped('high-water-mark', pipe)
      return
    }
    this.#inbox.push(message)
    this.#inboxBytes += byteLengthOf(message)
    this.context.receivable()
  }
}

function notice(kind: number, prefix: Frame): Frame {
  return Buffer.concat([Buffer.from([kind]), prefix])
}
