/** The `security` and `authenticate` options in libzmq's terms: its own mechanisms, and a ZAP domain for each socket that asks. */
import { UnsupportedError } from '../../errors.ts'
import { checkPath } from '../../security/plain.ts'
import type { CoreOptions } from '../engine.ts'

/** Properties of a zeromq.js socket. */
export function securityToNative({ security }: CoreOptions): Record<string, unknown> {
  if (security === undefined || security.name === 'NULL') return {}
  const settings = security.settings?.()
  switch (settings?.role) {
    case 'plain-server':
      return { plainServer: true }
    case 'plain-client':
      return {
        plainUsername: Buffer.from(settings.username).toString(),
        plainPassword: Buffer.from(settings.password).toString(),
      }
    case 'curve-server':
      return { curveServer: true, curveSecretKey: settings.secretKey }
    case 'curve-client':
      return {
        curveServerKey: settings.serverKey,
        curvePublicKey: settings.publicKey,
        curveSecretKey: settings.secretKey,
      }
    default:
      throw new UnsupportedError(
        `the libzmq engine has no mechanism for this ${security.name}: it knows plain(), plainServer(), curveClient() and curveServer()`,
      )
  }
}

/** Whether libzmq must ask here about each peer: always for a PLAIN server, for libzmq itself would let everybody in. */
export function mustAsk({ security, authenticate }: CoreOptions): boolean {
  return authenticate !== undefined || security?.settings?.().role === 'plain-server'
}

/** Throws `SecurityError` where a PLAIN client must not show its password. */
export function checkClear({ security }: CoreOptions, endpoint: string): void {
  const settings = security?.settings?.()
  if (settings?.role !== 'plain-client') return
  checkPath({ address: endpoint.replace('//localhost:', '//127.0.0.1:') }, settings.allowInClear)
}
