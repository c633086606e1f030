/** A worker thread with sockets of every sort, in the middle of things whenever somebody terminates it. */
import { parentPort, workerData } from 'node:worker_threads'
import { Publisher, Pull, Push, Reply, Request, raw, Subscriber } from '../../../src/index.ts'

const { tcp, ipc } = workerData as { tcp: string; ipc: string }
const COMMON = { codec: raw, linger: 0 }

const outward = [new Push<any>(COMMON), new Push<any>(COMMON)]
outward[0]!.connect(tcp)
outward[1]!.connect(ipc)

const publisher = new Publisher<any>(COMMON)
const subscriber = new Subscriber<any>(COMMON)
subscriber.subscribe('')
subscriber.connect(await publisher.bind('inproc://news'))
const reply = new Reply<any, any>(COMMON)
const request = new Request<any, any>(COMMON)
request.connect(await reply.bind('tcp://127.0.0.1:0'))
void reply.serve(question => question)
void (async () => {
  for await (const _ of subscriber);
})()

parentPort!.postMessage('running')
for (let round = 0; ; round++) {
  await Promise.all([
    outward[round % 2]!.send(Buffer.from('from a thread')),
    publisher.send('news', Buffer.from('news')),
    request.request(Buffer.from('question')),
  ])
  // Sockets come and go as well.
  const passing = new Pull<any>(COMMON)
  await passing.bind('tcp://127.0.0.1:0')
  await passing.close()
}
