/** What Prometheus sees of a socket, and what a diagnostics channel tells. */
import diagnostics from 'node:diagnostics_channel'
import * as prometheus from 'prom-client'
import { Pull, Push } from 'typedmq'
import { channelOf, Metrics, type Published } from 'typedmq/observability'

diagnostics.subscribe(channelOf('handshake'), message => {
  const { socket, peer } = message as Published<'handshake'>
  console.log(`${socket.description.type} has a peer: ${peer.socketType}`)
})

using metrics = new Metrics(prometheus)
await using pull = new Pull<string>()
await using push = new Push<string>()
metrics.add('work', pull)
metrics.add('jobs', push)

push.connect(await pull.bind('tcp://127.0.0.1:0'))
await push.send('one job')
await pull.receive()

// In earnest: answer GET /metrics with it.
const scrape = await prometheus.register.metrics()
console.log(scrape.match(/^typedmq_(messages_total|peers).* [1-9]\d*$/gm)!.join('\n'))
