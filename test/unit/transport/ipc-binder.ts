/** A process that binds the endpoint it is sent and says how that went; a test races several of them. */
import { TypedMqError } from '../../../src/errors.ts'
import { ipc } from '../../../src/transport/ipc.ts'
import type { Listener } from '../../../src/transport/transport.ts'
import { options } from './streams.ts'

const transport = ipc(options)
let listener: Listener | undefined

process.on('message', async message => {
  if (message === 'close') {
    await listener?.close()
    listener = undefined
    process.send!('closed')
    return
  }
  try {
    listener = await transport.listen(String(message), connection => connection.destroy())
    process.send!('bound')
  } catch (error) {
    process.send!(error instanceof TypedMqError ? error.code : String(error))
  }
})
process.send!('ready')
