/** The `--curve-*` options as settings of a socket. */
import { readFileSync } from 'node:fs'
import { allowKeys, type CommonSettings } from '../index.ts'
import { curveClient, curveKeyPair, curveServer } from '../security/curve/index.ts'
import { usage } from './exit.ts'
import type { SecurityOptions } from './options.ts'

interface KeyPair {
  readonly publicKey: string
  readonly secretKey: string
}

/** Nothing when no option of CURVE is given. Throws `ExitError`, and `OptionError`, which never quotes a key. */
export function securityOf(options: SecurityOptions): Pick<CommonSettings, 'security' | 'authenticate'> {
  const { curveServer: server, curveServerKey, curveKeys, curveAllow } = options
  if (server === true) {
    if (curveServerKey !== undefined) {
      throw usage('--curve-server and --curve-server-key: a socket is either server or client')
    }
    if (curveKeys === undefined)
      throw usage('--curve-server needs --curve-keys FILE; `typedmq keygen` makes one')
    const security = curveServer(readKeys(curveKeys))
    return curveAllow === undefined ? { security } : { security, authenticate: allowKeys(curveAllow) }
  }
  if (curveAllow !== undefined) throw usage('--curve-allow is for --curve-server')
  if (curveServerKey === undefined) {
    if (curveKeys !== undefined) throw usage('--curve-keys needs --curve-server or --curve-server-key')
    return {}
  }
  const keys = curveKeys === undefined ? curveKeyPair() : readKeys(curveKeys)
  const { publicKey, secretKey } = keys
  return { security: curveClient({ publicKey, secretKey, serverKey: curveServerKey }) }
}

function readKeys(path: string): KeyPair {
  let keys: unknown
  try {
    keys = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    // A JSON error would quote what it found: a key, perhaps.
    const reason = cause instanceof SyntaxError ? 'not JSON' : (cause as Error).message
    throw usage(`--curve-keys ${path}: ${reason}`)
  }
  const { publicKey, secretKey } = Object(keys) as Record<string, unknown>
  if (typeof publicKey !== 'string' || typeof secretKey !== 'string') {
    throw usage(`--curve-keys ${path}: no publicKey and secretKey, as \`typedmq keygen\` writes them`)
  }
  return { publicKey, secretKey }
}
