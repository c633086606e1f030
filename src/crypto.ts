/** `node:crypto`, loaded by whoever first needs it: loading takes about as long as the rest of this library, and few sockets need it. */

export const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto')
