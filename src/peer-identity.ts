/** Who a peer is, as the handshake told it. */
import type { Frame } from './message.ts'
import type { SocketType } from './socket-type.ts'

export interface PeerIdentity {
  readonly socketType: SocketType
  /** RFC 37 Identity: what the peer calls itself; empty when it does not. */
  readonly routingId: Frame
  /** The endpoint of the other end: `tcp://10.0.0.7:53412`, `ipc:///tmp/a.sock`, `inproc://name`. */
  readonly address: string
  /** All properties of READY by lower-case name; names are case-insensitive (RFC 37, "Connection Metadata"). */
  readonly metadata: ReadonlyMap<string, Frame>
  /** ZMTP version spoken: '3.1', '3.0', '2.0'; 'inproc' where nothing is spoken. */
  readonly protocol: string
  /** What `authenticate` calls this peer, once it has accepted it. */
  readonly userId: string | undefined
}
