/** Opens sockets of every transport, does what its argument says, and must then end by itself. */
import { text } from '../../../src/codec/text.ts'
import { Publisher, Subscriber } from '../../../src/sockets/pub-sub.ts'
import { Pull, Push } from '../../../src/sockets/push-pull.ts'
import { Reply } from '../../../src/sockets/reply.ts'
import { Request } from '../../../src/sockets/request.ts'

const [how] = process.argv.slice(2)
const unref = how === 'unref'
const settings = { codec: text, unref }

const pull = new Pull(settings)
const push = new Push(settings)
const request = new Request<string, string>(settings)
const reply = new Reply<string, string>(settings)
const pub = new Publisher(settings)
const sub = new Subscriber(settings)
// Nobody is there: dialling goes on for as long as the socket is open.
const lonely = new Push(settings)

push.connect(await pull.bind('tcp://127.0.0.1:0'))
request.connect(await reply.bind('ipc://*'))
sub.subscribe()
sub.connect(await pub.bind('inproc://news'))
lonely.connect('ipc:///tmp/typedmq-test-nobody-is-here.sock')
const serving = reply.serve(question => `answer to ${question}`)
// An unref'd socket does not keep the process while something is awaited: this timer does.
const busy = setInterval(() => {}, 1000)
await push.send('hello')
console.log(await pull.receive())
console.log(await request.request('question'))
await sub.ready()
await pub.send('topic', 'news')
console.log((await sub.receive()).value)
clearInterval(busy)
if (!unref) {
  const sockets = [pull, push, request, reply, pub, sub, lonely]
  await Promise.all(sockets.map(socket => socket.close()))
  await serving
}
console.log('over')
