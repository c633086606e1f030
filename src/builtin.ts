/** Parts of Node that few sockets need, loaded by whoever first does: to import them costs as much time as the rest of this library. */

export const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto')

// These two are there already, but importing them makes Node load all that their lazy properties stand for.
export const fs = (): typeof import('node:fs') => process.getBuiltinModule('node:fs')

export const util = (): typeof import('node:util') => process.getBuiltinModule('node:util')
