/** The library, from its build in dist: `await send` and `for await`, or in the variant `typedmq-try` the calls for batches. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Codec } from '../../src/codec/codec.ts'
import type { Engine } from '../../src/engine/engine.ts'
import type { Security } from '../../src/security/mechanism.ts'
import type { Ends, Place, Receiver, Sender } from './ends.ts'
import { type CurveKeys, partsOfName } from './spec.ts'

type Library = typeof import('../../src/index.ts')
type Curve = typeof import('../../src/security/curve/index.ts')
type Libzmq = typeof import('../../src/engine/libzmq/index.ts')
type Settings = { codec: Codec<any>; security?: Security; engine?: Engine }

/** Most messages that `receiveMany` is asked for at once. */
const BATCH = 1000

/** `name` may hold another build: `typedmq@DIRECTORY`. */
export async function open(name: string): Promise<Ends> {
  const { system: variant, directory } = partsOfName(name)
  const load = (entry: string) => import(specifierOf(entry, directory))
  const { Push, Pull, Publisher, Subscriber, Request, Reply, msgpack, raw }: Library = await load('index')
  const batches = variant === 'typedmq-try'
  const engine = variant === 'typedmq-libzmq' ? ((await load('libzmq')) as Libzmq).libzmq() : undefined

  const settings = async ({ typed, curve, mode }: Place): Promise<Settings> => ({
    codec: typed ? msgpack : raw,
    ...(engine === undefined ? {} : { engine }),
    ...(curve === undefined ? {} : { security: security(await load('curve'), curve, mode) }),
  })

  return {
    async push(place) {
      const socket = new Push(await settings(place))
      const endpoint = await attach(socket, place)
      const payload = place.payload as Buffer
      const send = batches ? trySend(socket, payload) : awaitSend(socket, payload)
      return { endpoint, send }
    },

    async pull(place) {
      const socket = new Pull(await settings(place))
      const endpoint = await attach(socket, place)
      return { endpoint, receive: batches ? receiveMany(socket) : iterate(socket) }
    },

    async publish(place) {
      const socket = new Publisher(await settings(place))
      const endpoint = await attach(socket, place)
      const payload = place.payload as Buffer
      const { topics } = place
      let next = 0
      return {
        endpoint,
        async send(count) {
          for (let sent = 0; sent < count; sent++) {
            await socket.send(topics[next]!, payload)
            if (++next === topics.length) next = 0
          }
        },
      }
    },

    async subscribe(place) {
      const socket = new Subscriber(await settings(place))
      socket.subscribe(...place.topics)
      const endpoint = await attach(socket, place)
      return { endpoint, receive: iterate(socket) }
    },

    async request(place) {
      const socket = new Request(await settings(place))
      const endpoint = await attach(socket, place)
      const payload = place.payload as Buffer
      return { endpoint, request: () => socket.request(payload) }
    },

    async reply(place) {
      const socket = new Reply(await settings(place))
      const endpoint = await attach(socket, place)
      void socket.serve((request: Uint8Array) => request)
      return { endpoint }
    },
  }
}

/** An entry of the package, or the same file of another build. */
function specifierOf(entry: string, directory: string | undefined): string {
  if (directory !== undefined) return pathToFileURL(resolve(directory, `dist/${entry}.js`)).href
  return entry === 'index' ? 'typedmq' : `typedmq/${entry}`
}

/** The end that binds is the server. */
function security({ curveServer, curveClient }: Curve, keys: CurveKeys, mode: Place['mode']): Security {
  return mode === 'bind' ? curveServer(keys) : curveClient({ ...keys, serverKey: keys.publicKey })
}

/** What every socket has. */
interface Attachable {
  bind(endpoint: string): Promise<string>
  connect(endpoint: string): unknown
}

async function attach(socket: Attachable, place: Place): Promise<string> {
  if (place.mode === 'bind') return socket.bind(place.endpoint)
  socket.connect(place.endpoint)
  return place.endpoint
}

function awaitSend(socket: InstanceType<Library['Push']>, payload: Buffer): Sender['send'] {
  return async count => {
    for (let sent = 0; sent < count; sent++) await socket.send(payload)
  }
}

function trySend(socket: InstanceType<Library['Push']>, payload: Buffer): Sender['send'] {
  return async count => {
    for (let sent = 0; sent < count; sent++) if (!socket.trySend(payload)) await socket.send(payload)
  }
}

function iterate(socket: AsyncIterable<unknown>): Receiver['receive'] {
  return async count => {
    let left = count
    for await (const _ of socket) if (--left === 0) break
  }
}

function receiveMany(socket: InstanceType<Library['Pull']>): Receiver['receive'] {
  return async count => {
    for (let left = count; left > 0; ) left -= (await socket.receiveMany(Math.min(left, BATCH))).length
  }
}
