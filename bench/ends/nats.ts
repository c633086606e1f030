/** NATS, as what many would pick instead: a broker between the ends, so both of them connect to it. */
import { pack, unpack } from 'msgpackr'
import { connect, type NatsConnection } from 'nats'
import { Arrivals } from './arrivals.ts'
import type { Ends, Place, Receiver, Sender } from './ends.ts'

const SUBJECT = 'bench'
/** Bytes published before waiting for the broker's answer; without a wait the client queues without bound. */
const FLUSH_BYTES = 256 * 1024

export function open(): Ends {
  return {
    push: place => sender(place, [SUBJECT]),
    pull: place => receiver(place, [SUBJECT]),
    publish: place => sender(place, place.topics.map(subjectOf)),
    subscribe: place => receiver(place, place.topics.map(subjectOf)),
    async request(place) {
      const client = await dial(place)
      const payload = place.payload as Buffer
      return { endpoint: place.endpoint, request: () => client.request(SUBJECT, payload) }
    },
    async reply(place) {
      const client = await dial(place)
      client.subscribe(SUBJECT, { callback: (_error, message) => message.respond(message.data) })
      await client.flush()
      return { endpoint: place.endpoint }
    },
  }
}

async function sender(place: Place, subjects: string[]): Promise<Sender> {
  const client = await dial(place)
  const size = place.typed ? pack(place.payload).length : (place.payload as Buffer).length
  const perFlush = Math.max(1, Math.floor(FLUSH_BYTES / size))
  let next = 0
  let unflushed = 0
  return {
    endpoint: place.endpoint,
    async send(count) {
      for (let sent = 0; sent < count; sent++) {
        client.publish(subjects[next]!, place.typed ? pack(place.payload) : (place.payload as Buffer))
        if (++next === subjects.length) next = 0
        if (++unflushed === perFlush) {
          unflushed = 0
          await client.flush()
        }
      }
    },
  }
}

async function receiver(place: Place, subjects: string[]): Promise<Receiver> {
  const client = await dial(place)
  const messages = new Arrivals()
  const callback = place.typed
    ? (_error: unknown, message: { data: Uint8Array }) => {
        unpack(message.data)
        messages.add(1)
      }
    : () => messages.add(1)
  for (const subject of subjects) client.subscribe(subject, { callback })
  await client.flush()
  return { endpoint: place.endpoint, receive: count => messages.take(count) }
}

function dial(place: Place): Promise<NatsConnection> {
  return connect({ servers: place.endpoint.replace('tcp://', '') })
}

/** A prefix of ours ends in a dot, a subject of NATS must not. */
function subjectOf(topic: string): string {
  return topic.slice(0, -1)
}
