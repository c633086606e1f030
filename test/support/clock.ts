/** Tells when heartbeats would have given up a silent peer, so that no test has to guess how long that takes. */
import { once } from 'node:events'
import { Pull } from '../../src/sockets/push-pull.ts'
import { introduction, RawServer } from './raw-peer.ts'

export interface Heartbeats {
  readonly heartbeatInterval: number
  readonly heartbeatTimeout: number
}

/** Resolves when a peer that never beats has been given up so many times in a row. */
export async function silences(heartbeats: Heartbeats, times: number): Promise<void> {
  await using silent = await RawServer.saying(introduction('PUSH'))
  await using canary = new Pull({ ...heartbeats, reconnectInterval: 1, reconnectIntervalMax: 1, linger: 0 })
  canary.connect(silent.endpoint)
  for (let count = 0; count < times; count++) await once(canary.events, 'disconnect')
}
