/** The `security` options for PLAIN (RFC 24): a name and a password in clear, so beyond this machine only where the user insists. */
import { OptionError, SecurityError } from '../errors.ts'
import type { MechanismContext, Security } from './mechanism.ts'
import { staysLocal } from './peer-address.ts'
import { PlainClient } from './plain-client.ts'
import { PlainServer } from './plain-server.ts'

export interface PlainServerOptions {
  /** Also over tcp beyond loopback, where everybody on the way can read name, password and messages. Default false. */
  readonly allowInClear?: boolean
}

export interface PlainOptions extends PlainServerOptions {
  /** ZMQ_PLAIN_USERNAME. At most 255 bytes. */
  readonly username: string
  /** ZMQ_PLAIN_PASSWORD. At most 255 bytes. */
  readonly password: string
}

/** The client's side of PLAIN: shows name and password to the server. Throws `OptionError`, which quotes neither. */
export function plain(options: PlainOptions): Security {
  const username = readText('username', options.username)
  const password = readText('password', options.password)
  const allowInClear = readFlag(options.allowInClear)
  return {
    name: 'PLAIN',
    settings: () => ({ role: 'plain-client', allowInClear, username, password }),
    create(context) {
      checkPath(context, allowInClear)
      return new PlainClient({ username, password, metadata: context.metadata })
    },
  }
}

/** ZMQ_PLAIN_SERVER. The server's side of PLAIN: the socket's `authenticate` decides on name and password. */
export function plainServer(options: PlainServerOptions = {}): Security {
  const allowInClear = readFlag(options.allowInClear)
  return {
    name: 'PLAIN',
    settings: () => ({ role: 'plain-server', allowInClear }),
    create(context) {
      checkPath(context, allowInClear)
      return new PlainServer(context.metadata)
    },
  }
}

/** Throws `SecurityError` where a password must not go in clear. */
export function checkPath({ address }: Pick<MechanismContext, 'address'>, allowInClear: boolean): void {
  if (allowInClear || staysLocal(address)) return
  throw new SecurityError(
    `PLAIN would show the password to everybody between here and ${address}; use CURVE, or say allowInClear: true`,
  )
}

function readText(option: string, text: unknown): Buffer {
  const bytes = typeof text === 'string' ? Buffer.from(text) : undefined
  if (bytes === undefined || bytes.length > 255) {
    const given = bytes === undefined ? typeof text : `${bytes.length} bytes long`
    throw new OptionError(option, `${option} is ${given}; it must be a text of at most 255 bytes`)
  }
  return bytes
}

function readFlag(flag: unknown): boolean {
  if (flag !== undefined && typeof flag !== 'boolean') {
    throw new OptionError('allowInClear', `option allowInClear is ${String(flag)}; it must be true or false`)
  }
  return flag ?? false
}
