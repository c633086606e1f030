/** `node:fs`. It is there already, but importing it makes Node load all that its lazy properties stand for: streams, promises, cryptography. */

export const fs = (): typeof import('node:fs') => process.getBuiltinModule('node:fs')
