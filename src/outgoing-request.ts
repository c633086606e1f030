/** Requests between a REQ socket and its engine, which numbers them and knows their answers by that number. */
import type { Message } from './message.ts'

/** One try of one request, as REQ gives it to its engine. It is sent once. */
export class OutgoingRequest {
  readonly body: Message
  /** Set by the engine: the number that the answer brings back. */
  id: number | undefined

  constructor(body: Message) {
    this.body = body
  }
}

/** What has become of a request that was sent and not revoked, as REQ gets it from its engine. */
export class RequestOutcome {
  readonly request: OutgoingRequest
  /** The answer; undefined: the peer has gone after the request was handed over and before the answer came. */
  readonly body: Message | undefined

  constructor(request: OutgoingRequest, body: Message | undefined) {
    this.request = request
    this.body = body
  }
}
