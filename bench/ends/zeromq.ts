/** The native binding, npm `zeromq`: the system that all ratios refer to. */
import { pack, unpack } from 'msgpackr'
import * as zmq from 'zeromq'
import type { Ends, Place, Receiver, Sender } from './ends.ts'

zmq.context.maxSockets = 20_000

type Message = zmq.MessageLike | zmq.MessageLike[]

export function open(): Ends {
  return {
    push: async place => sender(new zmq.Push(security(place)), place, [place.payload as Buffer]),
    pull: async place => receiver(new zmq.Pull(security(place)), place),
    publish: async place =>
      sender(
        new zmq.Publisher(security(place)),
        place,
        place.topics.map(topic => [topic, place.payload as Buffer]),
      ),
    async subscribe(place) {
      const socket = new zmq.Subscriber(security(place))
      socket.subscribe(...place.topics)
      return receiver(socket, place)
    },
    async request(place) {
      const socket = new zmq.Request()
      const endpoint = await attach(socket, place)
      const payload = place.payload as Buffer
      return {
        endpoint,
        async request() {
          await socket.send(payload)
          return socket.receive()
        },
      }
    },
    async reply(place) {
      const socket = new zmq.Reply()
      const endpoint = await attach(socket, place)
      void answer(socket)
      return { endpoint }
    },
  }
}

/** `send` takes from `messages` in turn. */
async function sender(socket: zmq.Push | zmq.Publisher, place: Place, messages: Message[]): Promise<Sender> {
  const endpoint = await attach(socket, place)
  if (place.typed) {
    return {
      endpoint,
      async send(count) {
        for (let sent = 0; sent < count; sent++) await socket.send(pack(place.payload))
      },
    }
  }
  let next = 0
  return {
    endpoint,
    async send(count) {
      for (let sent = 0; sent < count; sent++) {
        await socket.send(messages[next]!)
        if (++next === messages.length) next = 0
      }
    },
  }
}

async function receiver(socket: zmq.Pull | zmq.Subscriber, place: Place): Promise<Receiver> {
  const endpoint = await attach(socket, place)
  const { typed } = place
  return {
    endpoint,
    async receive(count) {
      let left = count
      for await (const [body] of socket) {
        if (typed) unpack(body!)
        if (--left === 0) break
      }
    },
  }
}

async function answer(socket: zmq.Reply): Promise<void> {
  for await (const message of socket) await socket.send(message)
}

async function attach(socket: zmq.Socket, place: Place): Promise<string> {
  if (place.mode === 'connect') socket.connect(place.endpoint)
  else await socket.bind(place.endpoint)
  return socket.lastEndpoint ?? place.endpoint
}

/** The end that binds is the CURVE server. */
function security({ curve, mode }: Place): zmq.SocketOptions<zmq.Push> & object {
  if (curve === undefined) return {}
  if (mode === 'bind') return { curveServer: true, curveSecretKey: curve.secretKey }
  return { curveServerKey: curve.publicKey, curvePublicKey: curve.publicKey, curveSecretKey: curve.secretKey }
}
