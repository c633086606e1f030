/** The mechanisms that strangers try their luck with, both ends. */
import type { CoreOptions } from '../../src/engine/engine.ts'
import { curveClient, curveKeyPair, curveServer } from '../../src/security/curve/index.ts'
import { plain, plainServer } from '../../src/security/plain.ts'

export type MechanismUnderTest = 'NULL' | 'PLAIN' | 'CURVE'
type Settings = Pick<CoreOptions, 'security' | 'authenticate'>

const SERVER = curveKeyPair()
const CLIENT = curveKeyPair()
const LOGIN = { username: 'me', password: 'secret', allowInClear: true }

const SETTINGS: Record<MechanismUnderTest, Record<'server' | 'client', Settings>> = {
  NULL: {
    server: { security: undefined, authenticate: undefined },
    client: { security: undefined, authenticate: undefined },
  },
  PLAIN: {
    server: {
      security: plainServer({ allowInClear: true }),
      authenticate: ({ password }) => password === LOGIN.password,
    },
    client: { security: plain(LOGIN), authenticate: undefined },
  },
  CURVE: {
    server: { security: curveServer(SERVER), authenticate: undefined },
    client: { security: curveClient({ ...CLIENT, serverKey: SERVER.publicKey }), authenticate: undefined },
  },
}

export function securityOf(mechanism: MechanismUnderTest, role: 'server' | 'client'): Settings {
  return SETTINGS[mechanism][role]
}
