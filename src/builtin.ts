/** Parts of Node that are loaded by whoever first needs them: to import them took a third of the time that importing this library takes. */

/** What `node:net` knows of the form of addresses; its sockets are the transports' affair. */
export const addresses = (): Pick<typeof import('node:net'), 'BlockList' | 'isIP'> =>
  process.getBuiltinModule('node:net')

export const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto')

/** It is there already, but importing it makes Node load all that its lazy properties stand for. */
export const util = (): typeof import('node:util') => process.getBuiltinModule('node:util')
