/** Package entry `typedmq/curve`: the `security` options for CURVE (RFC 25, 26), keys and Z85. */
import { SecurityError } from '../../errors.ts'
import type { Security, SecuritySettings } from '../mechanism.ts'
import { CurveClient } from './client.ts'
import { loadCrypto } from './crypto.ts'
import { type CurveKey, readKey, readKeyPair } from './keys.ts'
import type { Crypto } from './secret-box.ts'
import { CurveServer } from './server.ts'
import { encodeZ85 } from './z85.ts'

export { type CurveKey, CurveKeyPair, curveKeyPair } from './keys.ts'
export { decodeZ85, encodeZ85 } from './z85.ts'

export interface CurveServerOptions {
  /** ZMQ_CURVE_PUBLICKEY. 40 characters of Z85 or 32 bytes; what clients must know. */
  readonly publicKey: CurveKey
  /** ZMQ_CURVE_SECRETKEY. Belongs to `publicKey`. */
  readonly secretKey: CurveKey
}

export interface CurveClientOptions extends CurveServerOptions {
  /** ZMQ_CURVE_SERVERKEY. The public key of the only server that is talked to. */
  readonly serverKey: CurveKey
}

export interface CurveSecurity extends Security {
  /** Our public key in Z85, for announcements. */
  readonly publicKey: string
}

/** The client's side of CURVE: proves our key to the server, and talks to the server with `serverKey` only. Throws `OptionError`, which never quotes a key. */
export function curveClient(options: CurveClientOptions): CurveSecurity {
  const keys = readKeyPair(options)
  const serverKey = readKey('serverKey', options.serverKey)
  return security(
    { role: 'curve-client', ...keys, serverKey },
    (crypto, metadata) => new CurveClient({ crypto, keys, serverKey, metadata }),
  )
}

/**
 * ZMQ_CURVE_SERVER. The server's side of CURVE. Who may come in is for the socket's `authenticate` to say (`allowKeys`); without it
 * every client that knows the server's key may. Throws `OptionError`, which never quotes a key.
 */
export function curveServer(options: CurveServerOptions): CurveSecurity {
  const keys = readKeyPair(options)
  const now = () => performance.now()
  return security(
    { role: 'curve-server', ...keys },
    (crypto, metadata) => new CurveServer({ crypto, keys, metadata, now }),
  )
}

function security(
  settings: SecuritySettings & { readonly publicKey: Uint8Array },
  make: (crypto: Crypto, metadata: ReadonlyMap<string, Uint8Array>) => CurveClient | CurveServer,
): CurveSecurity {
  let crypto: Crypto | undefined
  return {
    name: 'CURVE',
    publicKey: encodeZ85(settings.publicKey),
    settings: () => settings,
    async prepare() {
      crypto = await loadCrypto()
    },
    create({ metadata }) {
      if (crypto === undefined) throw new SecurityError('CURVE was used before prepare() had resolved')
      return make(crypto, metadata)
    },
  }
}
