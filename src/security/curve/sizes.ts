/** The fixed parts of CURVE commands that both sides know (RFC 26, "High-level Grammar"). */
import { KEY_SIZE } from './keys.ts'
import { LONG_NONCE_SIZE } from './nonce.ts'
import { MAC_SIZE } from './secret-box.ts'

export const HELLO_VERSION = Buffer.from([1, 0])

/** Makes HELLO longer than WELCOME, so that a server cannot be used to flood a third party. */
export const HELLO_PADDING = Buffer.alloc(72)

/** A nonce, and C' and s' in a box. */
export const COOKIE_SIZE = LONG_NONCE_SIZE + MAC_SIZE + 2 * KEY_SIZE
