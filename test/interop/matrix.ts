/** Every legal pair with a foreign library, over tcp and ipc, each side binding once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { legalPeers, SOCKET_TYPES } from '../../src/socket-type.ts'
import { EXCHANGES, type Exchange } from './exchanges.ts'
import type { Foreign, ForeignSocket, Parts } from './foreign.ts'

const part = (length: number, byte = 0x2a) => Buffer.alloc(length, byte)

/** Round the borders of a short length, of what is copied and of a slab; one part and several. */
const BODIES: readonly Parts[] = [
  [part(1)],
  [part(0)],
  [part(255)],
  [part(256)],
  [part(8192)],
  [part(8193)],
  [part(65_536)],
  [part(1), part(2), part(3)],
  [part(300), part(70_000), part(1)],
  Array.from({ length: 40 }, (_, at) => part(1 + at * 10, at)),
]
const WITH_EMPTY_PARTS: readonly Parts[] = [
  [part(1), part(0), part(2)],
  [part(3), part(0)],
]
/** Only where a pair is the first of its kind, and once over each transport: megabytes take their time through JSON. */
const LARGE: Parts = [part(5 * 1024 * 1024), part(10)]
const WITH_LARGE = ['Push-PULL', 'Pull-PUSH', 'Pair-PAIR', 'Request-REP']

export interface Selection {
  readonly transports?: readonly string[]
  /** As in 'Push-PULL'. */
  readonly pairs?: readonly string[]
}

export function testMatrix(open: () => Foreign, selection: Selection = {}): void {
  const { transports = ['tcp', 'ipc'], pairs } = selection
  const exchanges = EXCHANGES.filter(exchange => pairs?.includes(nameOf(exchange)) ?? true)
  let foreign: Foreign
  let folder: string
  let counter = 0

  beforeAll(() => {
    foreign = open()
    folder = mkdtempSync(join(tmpdir(), 'interop-'))
  })

  afterAll(async () => {
    await foreign.close()
    rmSync(folder, { recursive: true })
  })

  const anywhere = (transport: string) =>
    transport === 'tcp' ? 'tcp://127.0.0.1:0' : `ipc://${join(folder, `${++counter}.sock`)}`

  for (const transport of transports) {
    describe(`over ${transport}`, () => {
      for (const exchange of exchanges) {
        const { ours, theirs } = exchange
        test(`${ours}, which binds, and ${theirs}`, async () => {
          await using socket = exchange.open()
          const connect = await socket.bind(anywhere(transport))
          const other = await foreign.open(theirs, { connect, ...exchange.options })
          await run(exchange, socket, other, transport === 'tcp')
        })

        test(`${ours} and ${theirs}, which binds`, async () => {
          const bind = anywhere(transport).replace(/:0$/, ':*')
          const other = await foreign.open(theirs, { bind, ...exchange.options })
          await using socket = exchange.open()
          socket.connect(other.endpoint)
          await run(exchange, socket, other, transport === 'ipc')
        })
      }
    })
  }
}

function nameOf({ ours, theirs }: Exchange): string {
  return `${ours}-${theirs}`
}

async function run(
  exchange: Exchange,
  socket: ReturnType<Exchange['open']>,
  other: ForeignSocket,
  withLarge: boolean,
): Promise<void> {
  const large = withLarge && WITH_LARGE.includes(nameOf(exchange)) ? [LARGE] : []
  const withEmpty = exchange.plainOnly === true ? [] : WITH_EMPTY_PARTS
  try {
    await socket.connected()
    await exchange.run(socket, other, [...BODIES, ...withEmpty, ...large])
  } finally {
    await other.close()
  }
}

/** Class names where they are not the socket type's own. */
const TYPES: Record<string, string> = {
  Publisher: 'PUB',
  Subscriber: 'SUB',
  XPublisher: 'XPUB',
  XSubscriber: 'XSUB',
  Request: 'REQ',
  Reply: 'REP',
}

/** The pairs of RFC 37 that have no exchange. */
export function missingPairs(): string[] {
  const known = EXCHANGES.map(({ ours, theirs }) => `${TYPES[ours] ?? ours.toUpperCase()}-${theirs}`)
  return SOCKET_TYPES.flatMap(own => legalPeers(own).map(peer => `${own}-${peer}`)).filter(
    pair => !known.includes(pair),
  )
}
