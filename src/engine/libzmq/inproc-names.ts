/** Who is bound and connected to which inproc name. libzmq tells nothing about inproc connections, so they are followed here. */

/** One socket, at its end of inproc connections. */
export interface InprocEnd {
  inprocJoined(endpoint: string, dialled: boolean): void
  inprocLeft(endpoint: string): void
  /** The other end is being closed, which is over when this one has read what it sent. True when there is something to read: then it counts as having left already. */
  inprocClosing(endpoint: string): boolean
  /** Follows `inprocLeft`: the socket that was bound is closed, so dialling can begin again. */
  inprocClosed(endpoint: string): void
}

interface InprocConnection {
  readonly endpoint: string
  readonly bound: InprocEnd
  readonly connected: InprocEnd
}

export class InprocNames {
  readonly #bound = new Map<string, InprocEnd>()
  readonly #dialling = new Map<string, InprocEnd[]>()
  readonly #connections = new Set<InprocConnection>()

  bind(endpoint: string, end: InprocEnd): void {
    this.#bound.set(endpoint, end)
    const dialling = this.#dialling.get(endpoint) ?? []
    this.#dialling.delete(endpoint)
    for (const connected of dialling) this.#join({ endpoint, bound: end, connected })
  }

  /** What is connected stays so, as in libzmq. */
  unbind(endpoint: string): void {
    this.#bound.delete(endpoint)
  }

  connect(endpoint: string, end: InprocEnd): void {
    const bound = this.#bound.get(endpoint)
    if (bound !== undefined) this.#join({ endpoint, bound, connected: end })
    else this.#dialling.set(endpoint, [...(this.#dialling.get(endpoint) ?? []), end])
  }

  disconnect(endpoint: string, end: InprocEnd): void {
    this.#stopDialling(endpoint, end)
    for (const connection of this.#connections) {
      if (connection.endpoint === endpoint && connection.connected === end) this.#leave(connection)
    }
  }

  /** To be called when libzmq has freed the socket's names; what it returns, when libzmq has let go of the socket. */
  close(end: InprocEnd): () => void {
    for (const [endpoint, bound] of this.#bound) if (bound === end) this.#bound.delete(endpoint)
    for (const endpoint of this.#dialling.keys()) this.#stopDialling(endpoint, end)
    const connections = [...this.#connections].filter(
      ({ bound, connected }) => bound === end || connected === end,
    )
    for (const connection of connections) {
      const other = connection.bound === end ? connection.connected : connection.bound
      if (other.inprocClosing(connection.endpoint)) this.#connections.delete(connection)
    }
    return () => {
      for (const connection of connections) {
        if (this.#connections.has(connection)) this.#leave(connection)
        if (connection.bound === end) connection.connected.inprocClosed(connection.endpoint)
      }
    }
  }

  #join(connection: InprocConnection): void {
    this.#connections.add(connection)
    connection.bound.inprocJoined(connection.endpoint, false)
    connection.connected.inprocJoined(connection.endpoint, true)
  }

  #leave(connection: InprocConnection): void {
    this.#connections.delete(connection)
    connection.bound.inprocLeft(connection.endpoint)
    connection.connected.inprocLeft(connection.endpoint)
  }

  #stopDialling(endpoint: string, end: InprocEnd): void {
    const others = (this.#dialling.get(endpoint) ?? []).filter(other => other !== end)
    if (others.length > 0) this.#dialling.set(endpoint, others)
    else this.#dialling.delete(endpoint)
  }
}
