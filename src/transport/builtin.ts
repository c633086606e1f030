/** Parts of Node that reach the system, loaded by whatever first needs them. */

/** For the first endpoint that is not an inproc one: it is a twelfth of what importing this library takes. */
export const net = (): typeof import('node:net') => process.getBuiltinModule('node:net')

/** Node has it already, but importing it loads all that its lazy properties stand for: streams, promises, cryptography. */
export const fs = (): typeof import('node:fs') => process.getBuiltinModule('node:fs')
