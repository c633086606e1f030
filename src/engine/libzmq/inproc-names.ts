/** Who is bound and connected to which inproc name. libzmq tells nothing about inproc connections, so they are followed here. */

/** One socket's view of its inproc connections. */
export interface InprocEnd {
  came(endpoint: string, dialled: boolean): void
  gone(endpoint: string): void
  /** The other end is being closed, which is over when this one has read what it sent. True when there is something to read: then it counts as gone already. */
  going(endpoint: string): boolean
  /** Follows `gone`: the socket that was bound has gone for good, so dialling can begin again. */
  redial(endpoint: string): void
}

interface Link {
  readonly endpoint: string
  readonly bound: InprocEnd
  readonly connected: InprocEnd
}

export class InprocNames {
  readonly #bound = new Map<string, InprocEnd>()
  readonly #dialling = new Map<string, InprocEnd[]>()
  readonly #links = new Set<Link>()

  bind(endpoint: string, end: InprocEnd): void {
    this.#bound.set(endpoint, end)
    const dialling = this.#dialling.get(endpoint) ?? []
    this.#dialling.delete(endpoint)
    for (const connected of dialling) this.#link({ endpoint, bound: end, connected })
  }

  /** What is connected stays so, as in libzmq. */
  unbind(endpoint: string): void {
    this.#bound.delete(endpoint)
  }

  connect(endpoint: string, end: InprocEnd): void {
    const bound = this.#bound.get(endpoint)
    if (bound !== undefined) this.#link({ endpoint, bound, connected: end })
    else this.#dialling.set(endpoint, [...(this.#dialling.get(endpoint) ?? []), end])
  }

  disconnect(endpoint: string, end: InprocEnd): void {
    this.#stopDialling(endpoint, end)
    for (const link of this.#links) {
      if (link.endpoint === endpoint && link.connected === end) this.#unlink(link)
    }
  }

  /** To be called when libzmq has freed the socket's names; what is answered, when it has gone for good. */
  close(end: InprocEnd): () => void {
    for (const [endpoint, bound] of this.#bound) if (bound === end) this.#bound.delete(endpoint)
    for (const endpoint of this.#dialling.keys()) this.#stopDialling(endpoint, end)
    const links = [...this.#links].filter(({ bound, connected }) => bound === end || connected === end)
    for (const link of links) {
      const other = link.bound === end ? link.connected : link.bound
      if (other.going(link.endpoint)) this.#links.delete(link)
    }
    return () => {
      for (const link of links) {
        if (this.#links.has(link)) this.#unlink(link)
        if (link.bound === end) link.connected.redial(link.endpoint)
      }
    }
  }

  #link(link: Link): void {
    this.#links.add(link)
    link.bound.came(link.endpoint, false)
    link.connected.came(link.endpoint, true)
  }

  #unlink(link: Link): void {
    this.#links.delete(link)
    link.bound.gone(link.endpoint)
    link.connected.gone(link.endpoint)
  }

  #stopDialling(endpoint: string, end: InprocEnd): void {
    const others = (this.#dialling.get(endpoint) ?? []).filter(other => other !== end)
    if (others.length > 0) this.#dialling.set(endpoint, others)
    else this.#dialling.delete(endpoint)
  }
}
