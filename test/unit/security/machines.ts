/** Two handshake machines that talk in memory, and ways to spoil what they say. */
import { ProtocolError, SecurityError } from '../../../src/errors.ts'
import type { Frame } from '../../../src/message.ts'
import type { Mechanism, Verdict } from '../../../src/security/mechanism.ts'
import { encodeCommand } from '../../../src/wire/command.ts'

export const METADATA = new Map([
  ['Socket-Type', Buffer.from('DEALER')],
  ['Identity', Buffer.from('me')],
])

/** The same by the names that a peer reports. */
export const REPORTED = new Map([...METADATA].map(([name, value]) => [name.toLowerCase(), value]))

export const CONTEXT = { accepted: false, metadata: METADATA, address: 'tcp://127.0.0.1:5555' }

export type Commands = readonly Frame[]

/** What the client says to each step of the server and back, until both are silent. Answers all commands in order. */
export function converse(
  client: Mechanism,
  server: Mechanism,
  verdict: Verdict = { status: 200 },
): { fromClient: Frame[]; fromServer: Frame[] } {
  const fromClient: Frame[] = [...client.start()]
  const fromServer: Frame[] = [...server.start()]
  let [readByServer, readByClient] = [0, 0]
  while (readByServer < fromClient.length || readByClient < fromServer.length) {
    if (readByServer < fromClient.length) fromServer.push(...server.receive(fromClient[readByServer++]!))
    if (server.pending !== undefined) fromServer.push(...server.decide(verdict))
    if (readByClient < fromServer.length) fromClient.push(...client.receive(fromServer[readByClient++]!))
  }
  return { fromClient, fromServer }
}

/** How many ways `spoil` knows for a command of this length. */
export function waysToSpoil(length: number): number {
  return 2 * length + 1
}

/** First every shorter start of the command, then the command with one byte changed at every offset, then one with a byte too many. */
export function spoil(command: Frame, way: number): { how: string; bytes: Frame } {
  const { length } = command
  if (way < length) return { how: `cut to ${way} bytes`, bytes: Buffer.from(command.subarray(0, way)) }
  const at = way - length
  if (at === length) return { how: 'with a byte too many', bytes: Buffer.concat([command, Buffer.from([0])]) }
  const bytes = Buffer.from(command)
  bytes[at]! ^= 1 << (at % 8)
  return { how: `changed at ${at}`, bytes }
}

export function* spoilt(command: Frame): Generator<{ how: string; bytes: Frame }> {
  for (let way = 0; way < waysToSpoil(command.length); way++) yield spoil(command, way)
}

/** Every command that any mechanism knows, with no data or a little. */
export const STRAY_COMMANDS: Commands = [
  'HELLO',
  'WELCOME',
  'INITIATE',
  'READY',
  'ERROR',
  'MESSAGE',
  'PING',
  'PONG',
  'SUBSCRIBE',
  'CANCEL',
  'X',
].flatMap(name => [encodeCommand(name), encodeCommand(name, Buffer.from('\x03400'))])

/** The error that receiving throws; undefined when it throws none. Any other error than the two of peers fails the test. */
export function refusal(machine: Mechanism, command: Frame): ProtocolError | SecurityError | undefined {
  try {
    machine.receive(command)
    return undefined
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof SecurityError) return error
    throw error
  }
}
