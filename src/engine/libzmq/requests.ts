/** The requests of a REQ that are on their way: DEALER underneath takes any message for an answer. */
import { keyOf } from '../../bytes.ts'
import { type Frame, type Message, partsOf } from '../../message.ts'

export class Requests {
  readonly #asked = new Map<string, Message>()

  add(message: Message): void {
    this.#asked.set(requestId(partsOf(message))!, message)
  }

  /** True when the request was on its way until now. */
  forget(message: Message): boolean {
    const id = requestId(partsOf(message))!
    return this.#asked.get(id) === message && this.#asked.delete(id)
  }

  /** What is wrong with an answer, or undefined. */
  refuse(parts: readonly Frame[]): 'malformed' | 'late-answer' | undefined {
    const id = requestId(parts)
    if (id === undefined) return 'malformed'
    return this.#asked.delete(id) ? undefined : 'late-answer'
  }

  /** All of them, for the last peer has gone. */
  takeAll(): Message[] {
    const messages = [...this.#asked.values()]
    this.#asked.clear()
    return messages
  }
}

/** The part in front of the delimiter; the empty string where a `strict` request has none. */
function requestId(parts: readonly Frame[]): string | undefined {
  if (parts.length >= 2 && parts[0]!.length === 0) return ''
  return parts.length >= 3 && parts[1]!.length === 0 ? keyOf(parts[0]!) : undefined
}
