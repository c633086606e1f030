/** One bound endpoint: takes connections in, and bounds how many may be in their handshake at once. */
import { ProtocolError } from '../../errors.ts'
import type { Connection, Listener } from '../../transport/transport.ts'
import { Contact, type ContactOwner } from './contact.ts'

export interface AcceptorOwner extends ContactOwner {
  /** Every contact, from its beginning to its end. */
  readonly contacts: Set<Contact>
  /** The last of them has ended. */
  parted(contact: Contact): void
}

export class Acceptor {
  /** The endpoint as it was written. */
  readonly given: string
  readonly #owner: AcceptorOwner
  #listener: Listener | undefined
  /** Contacts whose handshake is not over, oldest first. */
  readonly #shaking = new Set<Contact>()

  constructor(owner: AcceptorOwner, given: string) {
    this.#owner = owner
    this.given = given
  }

  /** The real endpoint, once it listens. */
  get endpoint(): string {
    return this.#listener?.endpoint ?? this.given
  }

  listening(listener: Listener): void {
    this.#listener = listener
  }

  async close(): Promise<void> {
    await this.#listener?.close()
  }

  accept(connection: Connection): void {
    const { contacts, events, hub } = this.#owner
    const { endpoint } = this
    events.emit('accept', { endpoint, address: connection.remote })
    if (this.#owner.closed) {
      connection.destroy()
      return
    }
    try {
      const contact = new Contact(this.#owner, connection, {
        endpoint,
        dialer: undefined,
        shaken: shaken => this.#shaking.delete(shaken),
        over: over => this.#owner.parted(over),
      })
      contacts.add(contact)
      this.#shaking.add(contact)
    } catch (error) {
      connection.destroy()
      const address = connection.remote
      events.emit('handshake:failed', { endpoint, address, error: error as Error, fatal: false })
      return
    }
    if (this.#shaking.size <= hub.options.maxHandshakes) return
    // Who has been here longest without an end is the least likely to be honest.
    const [oldest] = this.#shaking
    oldest!.session.destroy(new ProtocolError('the oldest of too many handshakes at once'))
  }
}
