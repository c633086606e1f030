/** npm `zeromq` (libzmq in this process) as a foreign peer. */
import * as zmq from 'zeromq'
import type { Foreign, ForeignOptions, ForeignSocket, Parts } from './foreign.ts'

/** What all socket classes of the package share, as far as it is used here; a method that a type lacks is never called. */
interface AnySocket {
  linger: number
  receiveTimeout: number
  routingId?: string
  readonly lastEndpoint: string | null
  bind(endpoint: string): Promise<void>
  connect(endpoint: string): void
  subscribe(prefix: string): void
  send(parts: Parts): Promise<void>
  receive(): Promise<Buffer[]>
  close(): void
}

const CLASSES: Record<string, new () => unknown> = {
  PUSH: zmq.Push,
  PULL: zmq.Pull,
  PUB: zmq.Publisher,
  SUB: zmq.Subscriber,
  XPUB: zmq.XPublisher,
  XSUB: zmq.XSubscriber,
  REQ: zmq.Request,
  REP: zmq.Reply,
  DEALER: zmq.Dealer,
  ROUTER: zmq.Router,
  PAIR: zmq.Pair,
}

const SENDS_ONLY = ['PUSH', 'PUB']

export const zeromqJs: Foreign = {
  name: 'zeromq.js',

  async open(type: string, options: ForeignOptions): Promise<ForeignSocket> {
    const socket = new CLASSES[type]!() as AnySocket
    if (!SENDS_ONLY.includes(type)) socket.receiveTimeout = 10_000
    socket.linger = 0
    if (options.routingId !== undefined) socket.routingId = options.routingId
    if (options.bind !== undefined) await socket.bind(options.bind)
    else socket.connect(options.connect!)
    if (type === 'SUB') socket.subscribe(options.subscribe!)
    if (type === 'XSUB') await socket.send([Buffer.from(`\x01${options.subscribe!}`)])
    return {
      endpoint: socket.lastEndpoint!,
      send: parts => socket.send(parts),
      receive: () => socket.receive(),
      async close() {
        socket.close()
      },
    }
  },

  async close() {},
}
