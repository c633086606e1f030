/** A network without a network: what is sent is kept, as it would arrive. */
import { decode, encode } from 'dns-packet'
import type { Multicast } from '../../../../src/discovery/mdns/multicast.ts'
import type { Link } from '../../../../src/discovery/mdns/network.ts'
import {
  type DnsMessage,
  type DnsRecord,
  messageOf,
  packetOf,
} from '../../../../src/discovery/mdns/packet.ts'

export const ETH0: Link = {
  name: 'eth0',
  family: 'IPv4',
  selector: '10.0.0.7',
  addresses: ['10.0.0.7'],
  loopback: false,
}

export class FakeLink implements Pick<Multicast, 'links' | 'onLink' | 'send'> {
  readonly links = [ETH0]
  readonly sent: DnsMessage[] = []

  onLink(address: string): boolean {
    return address.startsWith('10.0.0.')
  }

  async send(messagesFor: (link: Link) => readonly DnsMessage[]): Promise<void> {
    for (const message of messagesFor(ETH0)) {
      const type = message.response ? 'response' : 'query'
      this.sent.push(messageOf(decode(encode({ type, ...packetOf(message) }))))
    }
  }

  /** What was sent since the last call. */
  take(): DnsMessage[] {
    return this.sent.splice(0)
  }

  /** The instances that what was sent since the last call points to, with their times to live. */
  takePointers(): string[] {
    const pointers = this.take().flatMap(({ records }) => records.filter(record => record.type === 'PTR'))
    return pointers.map(({ data, ttl }) => `${String(data).split('.')[0]} ${ttl}`)
  }

  get multicast(): Multicast {
    return this as unknown as Multicast
  }
}

export const response = (records: readonly DnsRecord[]): DnsMessage => ({
  response: true,
  questions: [],
  records,
})
