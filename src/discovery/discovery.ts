/** The contract of a provider: who announces what, and who hears of it. */
import type { EventEmitter } from 'node:events'
import type { DiscoveryError } from '../errors.ts'
import type { SocketType } from '../socket-type.ts'

/** What to watch for services of whatever name; DNS cannot. */
export const ANY_NAME = '*'

/** One socket that can be connected to. What a provider cannot tell is undefined. */
export interface Service {
  /** What peers follow: 'jobs'. 1 to 63 bytes without control characters. */
  readonly name: string
  /** Names one socket for its whole life, and no other. */
  readonly instance: string
  /** Announcing: as bound, wildcard hosts included. Found: what can be connected to, the likeliest first; one is enough. */
  readonly endpoints: readonly string[]
  readonly socketType?: SocketType | undefined
  /** ZMTP version: '3.1'. */
  readonly protocol?: string | undefined
  readonly mechanism?: 'NULL' | 'PLAIN' | 'CURVE' | undefined
  /** CURVE: its public key, in Z85. For `accept` to compare with the one that is known: anybody on the network can announce any key. */
  readonly publicKey?: string | undefined
  readonly codec?: string | undefined
  /** Fingerprint of the contract; peers with different ones do not talk. */
  readonly contract?: string | undefined
  /** The application's own words. */
  readonly meta?: Readonly<Record<string, string>> | undefined
  /** Who says so: with mDNS the address that the announcement came from. Bounds count by it. */
  readonly source?: string | undefined
  /** RFC 2782: the reachable ones with the lowest number serve, the others stand by. Undefined is 0. */
  readonly priority?: number | undefined
  /** RFC 2782: the share of choices among equal priorities. Undefined is 0. */
  readonly weight?: number | undefined
}

export interface ServiceChange {
  /** 'up' again for the same instance: something of it has changed. 'down': not heard of any more, which does not mean dead. */
  readonly kind: 'up' | 'down'
  readonly service: Service
}

export interface Discovery extends AsyncDisposable {
  /** What goes wrong while it keeps trying. */
  readonly events?: EventEmitter<{ error: [DiscoveryError] }> | undefined
  /**
   * Makes the service known until the result is disposed of. Resolves once the first announcement is out or has failed for now.
   * Throws `OptionError` for what can never be announced.
   */
  announce(service: Service): Promise<AsyncDisposable>
  /** Services of a name, or of any (`ANY_NAME`). First all that are known, then changes. Ends quietly when aborted, left, or when the provider is disposed of. */
  watch(name: string, signal?: AbortSignal): AsyncIterable<ServiceChange>
}
