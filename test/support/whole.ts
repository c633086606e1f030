/** Engine sockets that send and receive whole messages, as on the wire and with the routing id in front: what tests compare. */
import { Addressed, delimiterIn, prepend } from '../../src/addressed.ts'
import type {
  Consumer,
  EngineSocket,
  OperationOptions,
  ReceiveOptions,
  Sink,
  Source,
} from '../../src/engine/engine.ts'
import { isPending } from '../../src/engine/engine.ts'
import { type Frame, type Message, messageOf, partsOf } from '../../src/message.ts'
import { OutgoingRequest, type RequestOutcome } from '../../src/outgoing-request.ts'
import type { SocketType } from '../../src/socket-type.ts'

/** A request with the envelope that a test gave it; the engine sends one of its own. */
class EnvelopedRequest extends OutgoingRequest {
  readonly envelope: readonly Frame[]

  constructor(message: Message) {
    const parts = partsOf(message)
    const start = delimiterIn(message) + 1
    super(messageOf(parts.slice(start)))
    this.envelope = parts.slice(0, start)
  }
}

/** What is sent and received, to and from whole messages. */
interface Form<Out, In> {
  out(message: Message): Out
  in(received: In): Message
}

const ADDRESSED: Form<Addressed, Addressed> = {
  out: message => Addressed.from(message),
  in: ({ whole }) => whole,
}

/** A message that is sent twice is one request each time; the latest can be revoked. */
const requests = new WeakMap<object, OutgoingRequest>()

const REQUESTS: Form<OutgoingRequest, RequestOutcome> = {
  out(message) {
    const request = new EnvelopedRequest(message)
    requests.set(message, request)
    return request
  },
  in: ({ request, body }) => prepend((request as EnvelopedRequest).envelope, body!),
}

const PLAIN: Form<Message, Message> = {
  out: message => message,
  in: message => message,
}

export interface WholeSocket extends EngineSocket, Sink, Source {}

export function whole(socket: EngineSocket<SocketType>): WholeSocket {
  const form: Form<any, any> =
    socket.type === 'REQ' ? REQUESTS : ['REP', 'ROUTER'].includes(socket.type) ? ADDRESSED : PLAIN
  const source = wholeSource(socket.source as Source<any>, form)
  const { sink } = socket
  const own: Record<PropertyKey, unknown> = {
    ...source,
    clock: sink.clock,
    send: (message: Message, options?: OperationOptions, since?: number) =>
      sink.send(form.out(message), options, since),
    trySend: (message: Message, since?: number) => sink.trySend(form.out(message), since),
    revoke: (message: Message) => socket.revoke(requests.get(message) ?? (message as never)),
    consumer: socket.consumer && (() => wholeConsumer(socket.consumer!(), form)),
  }
  const get = (target: object, name: PropertyKey) => {
    if (Object.hasOwn(own, name)) return own[name]
    const value: unknown = Reflect.get(target, name, target)
    return typeof value === 'function' ? value.bind(target) : value
  }
  return new Proxy(socket, { get }) as WholeSocket
}

function wholeSource<In>(source: Source<In>, form: Form<unknown, In>): Source {
  return {
    receive({ arrived, ...options }: ReceiveOptions = {}) {
      const told = arrived && { arrived: (received: In) => arrived(form.in(received)) }
      const arrival = source.receive({ ...options, ...told })
      return isPending(arrival) ? arrival.then(received => form.in(received)) : form.in(arrival)
    },
    tryReceive() {
      const received = source.tryReceive()
      return received === undefined ? undefined : form.in(received)
    },
  }
}

function wholeConsumer<In>(consumer: Consumer<In>, form: Form<unknown, In>): Consumer {
  return {
    ...wholeSource(consumer, form),
    tryMore() {
      const received = consumer.tryMore()
      return received === undefined ? undefined : form.in(received)
    },
    done: () => consumer.done(),
  }
}
