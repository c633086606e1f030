/** What the interop tests need of a foreign library: open a socket, send frames, receive frames. */
export type Parts = readonly Uint8Array[]

export interface ForeignOptions {
  /** Exactly one of the two; a bind may leave the port or the path to be chosen. */
  readonly bind?: string
  readonly connect?: string
  readonly routingId?: string
  /** SUB, XSUB. */
  readonly subscribe?: string
}

export interface ForeignSocket {
  /** The real endpoint, where it was bound. */
  readonly endpoint: string
  send(parts: Parts): Promise<void>
  receive(): Promise<Buffer[]>
  close(): Promise<void>
}

export interface Foreign {
  readonly name: string
  open(type: string, options: ForeignOptions): Promise<ForeignSocket>
  close(): Promise<void>
}
