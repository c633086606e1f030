/** The writing half of a session: empties the outgoing queue into slabs, one write at a time. */
import type { Frame, Message } from '../message.ts'
import type { Queue } from '../queue/queue.ts'
import type { QueueReader } from '../queue/queue-ends.ts'
import { CANCEL, SUBSCRIBE, subscriptionKind } from '../subscription-message.ts'
import type { Connection } from '../transport/transport.ts'
import { encodeCommand, encodePing } from '../wire/command.ts'
import { FrameWriter, type Sealer } from '../wire/frame-writer.ts'
import type { SlabPool } from '../wire/slab-pool.ts'
import { encodeTrace } from '../wire/trace-command.ts'
import type { Delivery } from './delivery.ts'

/** The session, as its writing half tells it. */
export interface OutboundOwner {
  /** Everything asked for is with the kernel. */
  emptied(): void
}

export class Outbound implements QueueReader {
  readonly #connection: Connection
  readonly #writer: FrameWriter
  readonly #delivery: Delivery
  readonly #owner: OutboundOwner
  #queue: Queue | undefined
  #subscribing = false
  #tracing = false
  /** Messages go out as they are: neither as subscriptions nor behind a TRACE. */
  #plain = true
  #flushing = false
  #scheduled = false
  #blocked = false
  #stopped = false
  /** Read from the queue and not known to be with the kernel. */
  #unsettled = 0
  #unsettledBytes = 0
  /** Handshake frames that wait for a blocked connection. */
  #said: Frame[] = []
  #commands: Frame[] = []
  #pingDue = false
  /** What was covered when `cover` last asked. */
  #covering = -1

  constructor(owner: OutboundOwner, connection: Connection, slabs: SlabPool, delivery: Delivery) {
    this.#owner = owner
    this.#connection = connection
    this.#writer = new FrameWriter(slabs)
    this.#delivery = delivery
  }

  /** Whether the kernel has not taken our last write yet. */
  get blocked(): boolean {
    return this.#blocked
  }

  get pendingCommands(): number {
    return this.#commands.length
  }

  sealWith(sealer: Sealer): void {
    this.#writer.sealWith(sealer)
  }

  /** From now on messages come from this queue. `subscribing`: subscriptions in it go out as commands. `tracing`: messages go out behind their TRACE. */
  attach(queue: Queue, subscribing: boolean, tracing: boolean): void {
    this.#queue = queue
    this.#subscribing = subscribing
    this.#tracing = tracing
    this.#plain = !subscribing && !tracing
    queue.reader = this
    this.schedule()
  }

  // What the queue tells.

  readable(): void {
    this.schedule()
  }

  pressed(): void {
    this.flush()
  }

  /** Writes frames that are laid out already: those of the handshake. */
  say(frames: readonly Frame[]): void {
    if (frames.length === 0) return
    if (this.#blocked) this.#said.push(...frames)
    else this.#blocked = !this.#connection.write(frames)
  }

  command(body: Frame): void {
    this.#commands.push(body)
    this.schedule()
  }

  /** A PING with the next write: a queue that is never empty must not hold it up. */
  ping(): void {
    this.#pingDue = true
    this.schedule()
  }

  /** A PING once all is written, unless one is on its way: it tells how much the peer has got. */
  cover(): void {
    if (this.#covering === this.#delivery.covered) return
    this.#covering = this.#delivery.covered
    this.ping()
  }

  /** Flushes at the end of the tick, with whatever else is written until then. */
  schedule(): void {
    if (this.#scheduled || this.#blocked || this.#stopped) return
    this.#scheduled = true
    process.nextTick(flushScheduled, this)
  }

  /** Writes until the queue is empty or the kernel has had enough. */
  flush(): void {
    this.#scheduled = false
    if (this.#flushing || this.#blocked || this.#stopped) return
    this.#flushing = true
    while (this.#layOut()) {
      if (!this.#connection.write(this.#writer.chunks())) {
        this.#blocked = true
        break
      }
      this.#settle()
    }
    this.#flushing = false
    if (!this.#blocked) this.#owner.emptied()
  }

  /** The kernel has taken the write that blocked. */
  drained(): void {
    this.#blocked = false
    this.#settle()
    this.say(this.#said.splice(0))
    this.flush()
  }

  /** Nothing is written any more; what was read and not settled stays so: it may or may not have arrived. */
  stop(): void {
    this.#stopped = true
    if (this.#blocked) this.#writer.abandon()
    else this.#writer.release()
  }

  /** Lays out one write; false when there is nothing to write. */
  #layOut(): boolean {
    const writer = this.#writer
    const queue = this.#queue
    let count = 0
    let bytes = 0
    if (queue !== undefined) {
      while (!writer.full) {
        const message = queue.read()
        if (message === undefined) break
        bytes += this.#plain ? writer.message(message) : this.#embellish(message)
        count++
      }
      this.#delivery.written += count
      this.#unsettled = count
      this.#unsettledBytes = bytes
      if (this.#pingDue) {
        this.#pingDue = false
        this.#commands.push(encodePing(this.#delivery.context()))
      }
    }
    for (const command of this.#commands) writer.command(command)
    this.#commands.length = 0
    return !writer.empty
  }

  /** RFC 37, "SUBSCRIBE": a command where older peers get a message of one byte and the prefix. What is traced has its TRACE in front. */
  #embellish(message: Message): number {
    const kind = this.#subscribing ? subscriptionKind(message) : undefined
    if (kind === SUBSCRIBE) this.#writer.command(encodeCommand('SUBSCRIBE', (message as Frame).subarray(1)))
    else if (kind === CANCEL) this.#writer.command(encodeCommand('CANCEL', (message as Frame).subarray(1)))
    else {
      const stamp = this.#tracing ? this.#queue!.stamps!.last : undefined
      if (stamp !== undefined) this.#writer.command(encodeTrace(stamp))
      return this.#writer.message(message)
    }
    return (message as Frame).length
  }

  #settle(): void {
    this.#writer.release()
    const count = this.#unsettled
    this.#unsettled = 0
    if (count > 0) this.#queue!.settle(count, this.#unsettledBytes)
  }
}

function flushScheduled(outbound: Outbound): void {
  outbound.flush()
}
