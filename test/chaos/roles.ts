/** The child processes of a chaos run. Each plays one role, keeps a journal, and is told by its parent when it is over. */
import {
  PeerLostError,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  raw,
  Subscriber,
  TimeoutError,
} from '../../src/index.ts'
import { Journal } from './journal.ts'
import { MARK, MESSAGE_SIZE, type Orders, type Told } from './orders.ts'

const orders = JSON.parse(process.argv[2]!) as Orders
const journal = new Journal(orders.journal)

const COMMON = {
  codec: raw,
  sendHighWaterMark: MARK,
  receiveHighWaterMark: MARK,
  heartbeatInterval: 100,
  heartbeatTimeout: 1_000,
  reconnectInterval: 20,
  reconnectIntervalMax: 200,
  linger: 20_000,
}
/** Messages a tick, and the milliseconds between two ticks. */
const BURST = 20
const TICK = 20

let over = false
const told = new Promise<void>(resolve => {
  process.on('message', () => {
    over = true
    resolve()
  })
})
process.on('disconnect', () => process.exit())

function tell(message: Told): void {
  process.send!(message)
}

const tick = () => new Promise(resolve => setTimeout(resolve, TICK))

/** A message that says so many numbers. */
function encode(...numbers: number[]): Buffer {
  const message = Buffer.alloc(MESSAGE_SIZE)
  for (const [at, number] of numbers.entries()) message.writeUInt32BE(number, 4 * at)
  return message
}

async function source(): Promise<void> {
  const push = new Push<any>(COMMON)
  const publisher = new Publisher<any>({ ...COMMON, onFull: 'drop-newest' })
  const jobs = await push.bind('tcp://127.0.0.1:0')
  const news = await publisher.bind('tcp://127.0.0.1:0')
  let lost = 0
  push.events.on('disconnect', () => lost++)
  tell({ endpoints: [jobs, news] })
  let sent = 0
  let published = 0
  while (!over) {
    for (let count = 0; count < BURST && !over; count++) {
      const sending = push.send(encode(sent))
      // A send that waits for a peer must not hold the end up.
      if ((await Promise.race([sending.then(() => true), told])) !== true) await sending
      sent++
      void publisher.send('news', encode(published++))
    }
    await tick()
  }
  const report = await push.close()
  await publisher.close()
  const { possiblyLost } = push.stats()
  const news2 = publisher.stats()
  tell({
    sent,
    dropped: report.dropped!,
    possiblyLost: possiblyLost!,
    disconnects: lost,
    published,
    publishedSent: news2.traffic.sent!,
    publishedLost: news2.possiblyLost!,
  })
}

async function worker(): Promise<void> {
  const [jobs, news, results] = orders.endpoints
  const push = new Push<any>(COMMON)
  const subscriber = new Subscriber<any>(COMMON)
  push.connect(results!)
  subscriber.subscribe('news')
  subscriber.connect(news!)
  tell({ endpoints: [] })
  const reading = (async () => {
    for await (const { value } of subscriber) journal.write('news', (value as Buffer).readUInt32BE())
  })()
  let sent = 0
  const pulls: Pull<any>[] = []
  const working: Promise<void>[] = []
  // A socket for each connection: so the journal tells pipes apart, and what waits in the last one is read out beside the next.
  const hire = () => {
    const pull = new Pull<any>(COMMON)
    const number = pulls.push(pull)
    pull.connect(jobs!)
    pull.events.once('disconnect', () => {
      pull.disconnect(jobs!)
      if (!over) hire()
    })
    const work = async () => {
      for await (const job of pull) {
        journal.write('job', (job as Buffer).readUInt32BE(), number)
        journal.write('sent', sent)
        await push.send(encode(orders.incarnation, sent++))
      }
    }
    working.push(work())
  }
  hire()
  await told
  // Its peers have closed: whatever they sent is here, or lost.
  const receivers = [...pulls, subscriber]
  while (receivers.some(socket => socket.peers.length > 0)) await tick()
  while (receivers.some(socket => socket.stats().traffic.waiting! > 0)) await tick()
  await Promise.all(receivers.map(socket => socket.close()))
  await Promise.all([...working, reading])
  const report = await push.close()
  tell({ sent, dropped: report.dropped!, possiblyLost: push.stats().possiblyLost! })
}

async function sink(): Promise<void> {
  const [tcp, ipc, questions] = orders.endpoints
  const pull = new Pull<any>(COMMON)
  const reply = new Reply<any, any>(COMMON)
  const bound = [await pull.bind(tcp!), await pull.bind(ipc!), await reply.bind(questions!)]
  const serving = reply.serve(question => {
    journal.write('asked', (question as Buffer).readUInt32BE())
    return question
  })
  tell({ endpoints: bound })
  const reading = (async () => {
    for await (const result of pull) {
      const bytes = result as Buffer
      journal.write('result', bytes.readUInt32BE(0), bytes.readUInt32BE(4))
    }
  })()
  await told
  while (pull.peers.length > 0) await tick()
  while (pull.stats().traffic.waiting! > 0) await tick()
  await Promise.all([pull.close(), reply.close()])
  await Promise.all([reading, serving])
  tell({ sent: 0, dropped: 0, possiblyLost: 0 })
}

async function requester(): Promise<void> {
  const request = new Request<any, any>(COMMON)
  request.connect(orders.endpoints[0]!)
  tell({ endpoints: [] })
  const asking = new Set<Promise<void>>()
  let asked = 0
  while (!over) {
    for (let count = 0; count < BURST / 4 && asking.size < MARK; count++) {
      const done: Promise<void> = ask(request, asked++).finally(() => asking.delete(done))
      asking.add(done)
    }
    await tick()
  }
  await Promise.all(asking)
  await request.close()
  tell({ sent: asked, dropped: 0, possiblyLost: 0 })
}

async function ask(request: Request<any, any>, number: number): Promise<void> {
  try {
    const answer = (await request.request(encode(number), { timeout: 25_000 })) as Buffer
    journal.write(answer.readUInt32BE() === number ? 'answered' : 'confused', number)
  } catch (error) {
    if (error instanceof PeerLostError) journal.write('lost', number)
    else if (error instanceof TimeoutError) journal.write('late', number)
    else throw error
  }
}

const ROLES = { source, worker, sink, requester }
await ROLES[orders.role]()
process.disconnect()
