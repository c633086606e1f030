/** Many sockets at one: what a publisher delivers to its subscribers, and what a puller takes from its pushers. */
import type { Pairing } from '../exchange.ts'
import { flowCase } from '../flow-figures.ts'
import type { Scenario } from '../scenario.ts'

const SYSTEMS = ['typedmq', 'typedmq-libzmq', 'zeromq', 'libzmq-c', 'nats']
const FAN = 10
/** Milliseconds of warm-up more for each connection that has to be made. */
const PER_CONNECTION = 0.5

const delivered = (
  unit: string,
  extraWarmUp: number,
  pairing: Pairing,
  variant?: string,
): Scenario['cases'] => {
  return (transport, size) => [
    flowCase({ pairing, work: { transport: transport!, size: size! }, variant, unit, extraWarmUp }),
  ]
}

export const fanOut: Scenario = {
  name: 'fan-out',
  about: `One PUB to ${FAN} SUB; messages delivered to all of them together.`,
  systems: SYSTEMS,
  transports: ['tcp', 'ipc', 'inproc'],
  sizes: [128],
  cases: delivered('msg/s', FAN * PER_CONNECTION, [{ role: 'publish' }, { role: 'subscribe', sockets: FAN }]),
}

export const fanIn: Scenario = {
  name: 'fan-in',
  about: `${FAN} PUSH to one PULL.`,
  systems: SYSTEMS,
  transports: ['tcp', 'ipc', 'inproc'],
  sizes: [128],
  cases: delivered('msg/s', FAN * PER_CONNECTION, [{ role: 'pull' }, { role: 'push', sockets: FAN }]),
}

const PEERS = [1, 10, 100, 1000]

export const peers: Scenario = {
  name: 'peers',
  about: 'A growing number of PUSH to one PULL: what a peer costs when it is one of many.',
  systems: ['typedmq', 'zeromq', 'libzmq-c'],
  transports: ['tcp', 'ipc'],
  sizes: [16],
  cases: (transport, size) =>
    PEERS.flatMap(count => {
      const pairing: Pairing = [{ role: 'pull' }, { role: 'push', sockets: count }]
      return delivered(
        `msg/s, ${count} peers`,
        count * PER_CONNECTION,
        pairing,
        String(count),
      )(transport, size)
    }),
}

const TOPICS = [1, 100, 10_000]

export const topics: Scenario = {
  name: 'topics',
  about: 'One SUB with a growing number of subscriptions at one PUB that sends to each in turn.',
  systems: ['typedmq', 'zeromq', 'libzmq-c', 'nats'],
  transports: ['tcp', 'ipc'],
  sizes: [128],
  cases: (transport, size) =>
    TOPICS.flatMap(count => {
      const pairing: Pairing = [
        { role: 'publish', topics: count },
        { role: 'subscribe', topics: count },
      ]
      return delivered(`msg/s, ${count} subscriptions`, count / 50, pairing, String(count))(transport, size)
    }),
}
