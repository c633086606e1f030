/** Finds peers by mDNS on loopback, and says in one JSON line how long that takes. Runs on a build: `node discovery.mjs DIRECTORY`. */
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const directory = process.argv[2] ?? fileURLToPath(new URL('../..', import.meta.url))
const load = entry => import(pathToFileURL(join(directory, `dist/${entry}.js`)))
const { Pull, Push } = await load('index')
const { announce, follow, mdns } = await load('discovery')

const PEERS = 100
const ROUNDS = 30
const interfaces = ['lo']

const median = figures => figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)]

// Run as it is, without a build: `await using` is not for Node 20.
const end = (...disposables) => Promise.all(disposables.map(each => each[Symbol.asyncDispose]()))

/** One peer at a time: from `announce` until it is found, and from there until its first message is here. */
async function rounds() {
  const [toFound, toMessage] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    const name = crypto.randomUUID()
    const [here, there] = [mdns({ interfaces }), mdns({ interfaces })]
    const [push, pull] = [new Push(), new Pull()]
    let found
    follow(push, name, { discovery: here }).once('up', () => {
      found = performance.now()
    })
    const first = push.send('first')
    await pull.bind('tcp://127.0.0.1:0')
    const announced = performance.now()
    announce(pull, name, { discovery: there })
    await pull.receive()
    await first
    toFound.push(found - announced)
    toMessage.push(performance.now() - found)
    await end(push, pull, here, there)
  }
  return { toFound: median(toFound), toMessage: median(toMessage) }
}

/** All of a hundred, for somebody who comes late. */
async function hundred() {
  const name = crypto.randomUUID()
  const [here, there] = [mdns({ interfaces }), mdns({ interfaces })]
  for (let port = 1; port <= PEERS; port++) {
    await there.announce({ name, instance: crypto.randomUUID(), endpoints: [`tcp://127.0.0.1:${port}`] })
  }
  const asked = performance.now()
  let left = PEERS
  for await (const { kind } of here.watch(name)) if (kind === 'up' && --left === 0) break
  const took = performance.now() - asked
  await end(here, there)
  return took
}

// Discovery alone keeps no process alive.
const alive = setInterval(() => {}, 1_000)
const { toFound, toMessage } = await rounds()
console.log(
  JSON.stringify({
    'ms announced to found, p50': toFound,
    'ms found to first message, p50': toMessage,
    'ms to find 100': await hundred(),
  }),
)
clearInterval(alive)
