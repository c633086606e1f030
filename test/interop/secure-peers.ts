/** Foreign peers that echo under PLAIN or CURVE: libzmq in this process (npm zeromq) and in another one (pyzmq). */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as zeromq from 'zeromq'

export interface ForeignSettings {
  readonly mechanism: 'NULL' | 'PLAIN' | 'CURVE'
  readonly side: 'client' | 'server'
  /** Where to connect; without it the peer binds. */
  readonly endpoint?: string
  readonly username?: string
  readonly password?: string
  readonly publicKey?: string
  readonly secretKey?: string
  readonly serverKey?: string
  /** What its ZAP handler answers in turn; the last stays. */
  readonly zap?: readonly string[]
}

export interface ForeignPeer extends AsyncDisposable {
  readonly endpoint: string
  /** The status with which it was first refused. */
  readonly refused: Promise<number>
  /** A handshake broke otherwise. */
  readonly failed: Promise<void>
}

export type OpenForeign = (settings: ForeignSettings) => Promise<ForeignPeer>

export const FOREIGN: readonly (readonly [name: string, open: OpenForeign])[] = [
  ['npm zeromq', openZeromq],
  ['pyzmq', openPyzmq],
]

async function openZeromq(settings: ForeignSettings): Promise<ForeignPeer> {
  const context = new zeromq.Context()
  const zap = settings.zap && (await answerZap(context, [...settings.zap]))
  const pair = new zeromq.Pair({
    context,
    linger: 0,
    reconnectInterval: 20,
    ...(zap ? { zapDomain: 'test' } : {}),
    ...securityOf(settings),
  })
  const refused = new Promise<number>(resolve => {
    pair.events.on('handshake:error:auth', event => resolve(event.error.status!))
  })
  const failed = new Promise<void>(resolve => {
    pair.events.on('handshake:error:protocol', () => resolve())
    pair.events.on('handshake:error:other', () => resolve())
  })
  if (settings.endpoint === undefined) await pair.bind('tcp://127.0.0.1:*')
  else pair.connect(settings.endpoint)
  void echo(pair)
  return {
    endpoint: pair.lastEndpoint!,
    refused,
    failed,
    async [Symbol.asyncDispose]() {
      pair.close()
      zap?.close()
    },
  }
}

function securityOf(settings: ForeignSettings): object {
  const { mechanism, side } = settings
  if (mechanism === 'NULL') return {}
  if (mechanism === 'PLAIN') {
    return side === 'server'
      ? { plainServer: true }
      : { plainUsername: settings.username, plainPassword: settings.password }
  }
  const keys = { curvePublicKey: settings.publicKey, curveSecretKey: settings.secretKey }
  return side === 'server' ? { ...keys, curveServer: true } : { ...keys, curveServerKey: settings.serverKey }
}

async function echo(pair: zeromq.Pair): Promise<void> {
  try {
    for await (const parts of pair) await pair.send(parts)
  } catch (error) {
    if (!pair.closed) throw error
  }
}

async function answerZap(context: zeromq.Context, statuses: string[]): Promise<zeromq.Reply> {
  const handler = new zeromq.Reply({ context, linger: 0 })
  await handler.bind('inproc://zeromq.zap.01')
  void (async () => {
    for await (const [version, request] of handler) {
      const status = statuses.length > 1 ? statuses.shift()! : statuses[0]!
      await handler.send([version!, request!, status, '', '', ''])
    }
  })()
  return handler
}

async function openPyzmq(settings: ForeignSettings): Promise<ForeignPeer> {
  const script = fileURLToPath(new URL('secure-peer.py', import.meta.url))
  const child = spawn('/usr/bin/python3', [script, JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const told = (name: string) =>
    new Promise<any>(resolve => {
      lines.on('line', line => {
        const value = JSON.parse(line)[name]
        if (value !== undefined) resolve(value)
      })
    })
  const lines = createInterface(child.stdout)
  const [endpoint, refused, failed] = [told('endpoint'), told('refused'), told('failed')]
  const exit = once(child, 'exit')
  const early = exit.then(() => Promise.reject(new Error('the Python peer has ended')))
  early.catch(() => {})
  return {
    endpoint: await Promise.race([endpoint, early]),
    refused,
    failed,
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await exit
    },
  }
}
