/** Opens engine sockets for tests: complete options, closed when the test is over. */
import { onTestFinished } from 'vitest'
import { defaultEngine } from '../../../src/engine/default.ts'
import type { CoreOptions } from '../../../src/engine/engine.ts'
import { type Message, partsOf } from '../../../src/message.ts'
import { completeOptions, type SocketOptions } from '../../../src/options.ts'
import type { SocketType } from '../../../src/socket-type.ts'
import { type WholeSocket, whole } from '../../support/whole.ts'

type Given = Partial<SocketOptions> & Partial<Pick<CoreOptions, 'security' | 'authenticate'>>

export function open(type: SocketType, given: Given = {}): WholeSocket {
  const { security, authenticate, ...options } = given
  const socket = whole(defaultEngine.open(type, { ...completeOptions(options), security, authenticate }))
  onTestFinished(async () => {
    await socket.close({ linger: 0 })
  })
  return socket
}

let counter = 0

/** An inproc endpoint that no other test uses. */
export function freshEndpoint(): string {
  return `inproc://unit-${process.pid}-${++counter}`
}

/** A message as a list of strings. */
export function words(message: Message): string[] {
  return partsOf(message).map(part => Buffer.from(part).toString())
}

/** The next messages of a socket, each as a list of strings. */
export async function receiveAll(socket: WholeSocket, count: number): Promise<string[][]> {
  const all: string[][] = []
  while (all.length < count) all.push(words(await socket.receive({ timeout: 5_000 })))
  return all
}
