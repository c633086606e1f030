/** Hands requests to a REQ engine socket, each at once. */
import type { EngineSocket } from '../engine/engine.ts'
import { type PendingRequest, Try } from './pending-request.ts'

export class RequestSender {
  readonly #socket: EngineSocket<'REQ'>

  constructor(socket: EngineSocket<'REQ'>) {
    this.#socket = socket
  }

  begin(request: PendingRequest): void {
    this.transmit(request)
  }

  /** The try is over without an answer; the next one, with what is left of the queue behind it, begins. */
  again(request: PendingRequest): void {
    this.takeBack(request)
    this.transmit(request)
  }

  /** The request has its answer or its error. One that still has a try is taken back. Idempotent. */
  end(request: PendingRequest): void {
    this.takeBack(request)
  }

  /** No request begins any more. */
  clear(): void {}

  /** Most tries are taken at once. */
  protected transmit(request: PendingRequest): void {
    const one = new Try(request)
    request.current = one
    try {
      if (this.#socket.sink.trySend(one, request.since)) return
    } catch (error) {
      request.fail(error)
      return
    }
    const sending = new AbortController()
    request.sending = sending
    const sent = () => {
      if (request.sending === sending) request.sending = undefined
    }
    this.#socket.sink.send(one, { signal: sending.signal }, request.since).then(sent, error => {
      sent()
      if (!sending.signal.aborted) request.fail(error)
    })
  }

  /** Ends a try: out of the queue if it is there still; else its answer no longer counts. */
  protected takeBack(request: PendingRequest): void {
    const { current, sending } = request
    request.endTry()
    // One that waited may have been taken without our having been told yet.
    if (current !== undefined) this.#socket.revoke(current)
    sending?.abort()
  }
}
