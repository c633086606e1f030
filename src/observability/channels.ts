/** The names of the diagnostics channels, for those who subscribe. Published by every socket; free while nobody listens. */
import type { Socket, SocketEventMap } from '../index.ts'

/** `typedmq:` and the name of the event. Messages are not published one by one, `stats()` counts them; but for `message:traced`, where option `trace` is on. */
export type ChannelName = `typedmq:${keyof SocketEventMap & string}`

/** What is published: the payload of the event, and the socket it happened to. */
export type Published<Event extends keyof SocketEventMap> = SocketEventMap[Event][0] & {
  readonly socket: Socket
}

/** The channel of an event: `diagnostics_channel.subscribe(channelOf('message:dropped'), ...)`. */
export function channelOf<Event extends keyof SocketEventMap & string>(event: Event): `typedmq:${Event}` {
  return `typedmq:${event}`
}
