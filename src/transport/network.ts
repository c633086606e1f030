/** `node:net`, loaded by the first endpoint that is no inproc one: it is a twelfth of what importing this library takes. */
export const net = (): typeof import('node:net') => process.getBuiltinModule('node:net')
