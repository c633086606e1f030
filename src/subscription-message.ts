/** A subscription or its end as a message: this byte, then the prefix (RFC 37, "Subscriptions"). To 3.1 peers it goes as a command. */
import { concat } from './bytes.ts'
import { type Frame, isSingle, type Message } from './message.ts'

export const SUBSCRIBE = 1
export const CANCEL = 0
export type SubscriptionKind = typeof SUBSCRIBE | typeof CANCEL

export function subscriptionMessage(kind: SubscriptionKind, prefix: Frame): Frame {
  return concat(Uint8Array.of(kind), prefix)
}

/** Undefined for what is neither. */
export function subscriptionKind(message: Message): SubscriptionKind | undefined {
  const first = isSingle(message) ? message[0] : undefined
  return first === SUBSCRIBE || first === CANCEL ? first : undefined
}
