import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import dnsPacket, { type Packet } from 'dns-packet'
import { describe, expect, it } from 'vitest'
import { type Discovery, dns, type ServiceChange } from '../../src/discovery/index.ts'
import { OptionError } from '../../src/errors.ts'
import { Dnsmasq, missingDnsmasq } from './support/dnsmasq.ts'
import { History } from './support/peer.ts'

const NAME = '_zmtp._tcp.jobs.test'

/** All that a provider tells, as a history. */
function record(discovery: Discovery): { changes: History<ServiceChange>; errors: History<string> } {
  const [changes, errors] = [new History<ServiceChange>(), new History<string>()]
  discovery.events?.on('error', error => errors.add(`${error.reason}: ${error.message}`))
  void (async () => {
    for await (const change of discovery.watch('jobs')) changes.add(change)
  })()
  return { changes, errors }
}

/** A DNS server that answers as the test says. */
class Liar implements Disposable {
  readonly #socket: Socket = createSocket('udp4')
  answer: (question: { name: string; type: string }) => Partial<Packet> | Buffer | undefined = () => undefined
  asked = new History<string>()

  static async start(): Promise<Liar> {
    const liar = new Liar()
    liar.#socket.on('message', (bytes, from) => {
      const query = dnsPacket.decode(bytes)
      const [question] = query.questions!
      const answer = liar.answer(question as { name: string; type: string })
      liar.asked.add(`${question!.type} ${question!.name}`)
      if (answer === undefined) return
      const { id, questions } = query
      const reply = Buffer.isBuffer(answer)
        ? answer
        : dnsPacket.encode({ id: id!, type: 'response', questions, ...answer })
      liar.#socket.send(reply, from.port, from.address)
    })
    liar.#socket.bind(0, '127.0.0.1')
    await once(liar.#socket, 'listening')
    return liar
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  [Symbol.dispose](): void {
    this.#socket.close()
  }
}

const NXDOMAIN = 3
const SERVFAIL = 2
const srv = (target: string, port = 5555) => ({
  name: NAME,
  type: 'SRV' as const,
  ttl: 0,
  data: { target, port },
})

describe.skipIf(missingDnsmasq)(
  `discovery by SRV records${missingDnsmasq ? ` (${missingDnsmasq})` : ''}`,
  () => {
    it('tells priority, weight and the addresses of both families, IPv4 first', async () => {
      await using server = await Dnsmasq.start({
        srv: { [NAME]: [{ target: 'a.test', port: 5555, priority: 3, weight: 7 }] },
        hosts: { 'a.test': ['127.0.0.2', 'fd00::2'] },
      })
      await using discovery = dns({ service: NAME, servers: [server.address], interval: 100 })
      const { changes } = record(discovery)
      const [first] = await changes.until(lines => lines.length > 0 && lines)
      expect(first!.service).toEqual({
        name: 'jobs',
        instance: 'a.test:5555',
        endpoints: ['tcp://127.0.0.2:5555', 'tcp://[fd00::2]:5555'],
        priority: 3,
        weight: 7,
      })
    })

    it('keeps its peers while the server is down, tells of it once, and goes on when it is back', async () => {
      const zone = { srv: { [NAME]: [{ target: 'a.test', port: 1 }] }, hosts: { 'a.test': ['127.0.0.2'] } }
      await using server = await Dnsmasq.start(zone)
      await using discovery = dns({ service: NAME, servers: [server.address], interval: 100 })
      const { changes, errors } = record(discovery)
      await changes.until(lines => lines.length === 1)
      await server.stop()
      await errors.until(lines => lines.length > 0)
      await server.serve({
        srv: { [NAME]: [...zone.srv[NAME]!, { target: 'b.test', port: 2 }] },
        hosts: { ...zone.hosts, 'b.test': ['127.0.0.3'] },
      })
      await changes.until(lines => lines.length === 2)
      expect(changes.lines.map(({ kind, service }) => `${kind} ${service.instance}`)).toEqual([
        'up a.test:1',
        'up b.test:2',
      ])
      expect(errors.lines).toHaveLength(1)
      expect(errors.lines[0]).toMatch(
        /^dns-failed: the DNS was asked for _zmtp\._tcp\.jobs\.test and failed: E/,
      )
    })
  },
)

describe('a DNS server that lies', () => {
  it('cannot take a peer away by one wrong answer', async () => {
    using liar = await Liar.start()
    const honest: Liar['answer'] = ({ type }) => ({
      answers:
        type === 'SRV'
          ? [srv('a.test')]
          : type === 'A'
            ? [{ name: 'a.test', type: 'A', data: '127.0.0.2' }]
            : [],
    })
    liar.answer = honest
    await using discovery = dns({ service: NAME, servers: [liar.address], interval: 100 })
    const { changes } = record(discovery)
    await changes.until(lines => lines.length === 1)
    let lies = 0
    liar.answer = question => (question.type === 'SRV' && lies++ < 2 ? { flags: NXDOMAIN } : honest(question))
    await liar.asked.until(() => lies >= 4)
    liar.answer = () => ({ flags: NXDOMAIN })
    await changes.until(lines => lines.length === 2)
    expect(changes.lines.map(change => change.kind)).toEqual(['up', 'down'])
  })

  it('is told of, and believed only where it makes sense', async () => {
    using liar = await Liar.start()
    const addresses: Record<string, string[]> = {
      'zero.test': ['0.0.0.0'],
      'many.test': ['224.0.0.251', '255.255.255.255', '127.0.0.9'],
    }
    liar.answer = ({ name, type }) => {
      if (type === 'SRV')
        return { answers: [srv('zero.test'), srv('many.test'), srv('many.test'), srv('a.test', 0), srv('.')] }
      return {
        answers:
          type === 'A' ? (addresses[name] ?? []).map(data => ({ name, type: 'A' as const, data })) : [],
      }
    }
    await using discovery = dns({ service: NAME, servers: [liar.address], interval: 100 })
    const { changes, errors } = record(discovery)
    await errors.until(lines => lines.some(line => line.startsWith('bad-answer')))
    await changes.until(lines => lines.length > 0)
    expect(changes.lines.map(({ service }) => service.endpoints)).toEqual([['tcp://127.0.0.9:5555']])
  })

  it('fails, answers garbage, and is asked again', async () => {
    using liar = await Liar.start()
    let answers = 0
    liar.answer = () => (answers++ % 2 === 0 ? { flags: SERVFAIL } : Buffer.from('no dns message'))
    await using discovery = dns({ service: 'jobs.test', port: 5555, servers: [liar.address], interval: 100 })
    const { changes, errors } = record(discovery)
    await errors.until(lines => lines.length > 0)
    liar.answer = ({ type }) => ({
      answers: type === 'A' ? [{ name: 'jobs.test', type: 'A', data: '127.0.0.2' }] : [],
    })
    await changes.until(lines => lines.length === 1)
    expect(errors.lines[0]).toMatch(/^dns-failed/)
  })
})

describe('the options of dns()', () => {
  it.each([
    [{ service: 'a b' }, 'DNS name'],
    [{ service: '' }, 'DNS name'],
    [{ service: 'a.test', interval: 10 }, 'interval is 10'],
    [{ service: 'a.test', port: 0 }, 'port is 0'],
    [{ service: 'a.test', servers: ['nonsense'] }, 'servers is ["nonsense"]'],
    [{ service: 'a.test', servers: [] }, 'servers is []'],
  ])('refuse %j', (options, reason) => {
    expect(() => dns(options)).toThrow(OptionError)
    expect(() => dns(options)).toThrow(reason)
  })

  it('refuse the DNS name that is made of a service name', () => {
    expect(() => dns({ service: name => `${name}.test` }).watch('not a host')).toThrow(OptionError)
  })
})
