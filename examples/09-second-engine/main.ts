/** The same service and the same client on both engines, in every combination: only the option `engine` differs. */
import { defaultEngine, type Engine, Reply, Request } from 'typedmq'
import { libzmq } from 'typedmq/libzmq'

interface Question {
  readonly base: number
  readonly exponent: number
}

/** Asks for the powers of two, all at once, and adds the answers up. */
async function sumOfPowers(service: Engine, client: Engine): Promise<number> {
  await using reply = new Reply<Question, number>({ engine: service })
  await using request = new Request<Question, number>({ engine: client })
  request.connect(await reply.bind('tcp://127.0.0.1:0'))

  const stop = new AbortController()
  const serving = reply.serve(({ base, exponent }) => base ** exponent, {
    concurrency: 4,
    signal: stop.signal,
  })
  const questions = Array.from({ length: 10 }, (_, exponent) => ({ base: 2, exponent }))
  const answers = await Promise.all(questions.map(question => request.request(question)))
  stop.abort()
  await serving.catch(() => {})
  return answers.reduce((sum, answer) => sum + answer, 0)
}

// Throws an error that says what to install when the package zeromq is missing.
const engines = [defaultEngine, libzmq()]

for (const service of engines) {
  for (const client of engines) {
    const sum = await sumOfPowers(service, client)
    console.log(`service on ${service.name}, client on ${client.name}: ${sum}`)
  }
}
