/** A worker: nobody tells it where the others are. Start as many as you like, on any host of the LAN. */
import { Pull, Push } from 'typedmq'
import { announce, follow, mdns } from 'typedmq/discovery'
import { CONTRACT, type Job, type Result } from './contracts.ts'

const [name = 'squares'] = process.argv.slice(2)
const discovery = mdns()
const jobs = new Pull<Job>()
const results = new Push<Result>()

await jobs.bind('tcp://*:0')
const options = { discovery, contract: CONTRACT }
announce(jobs, `${name}: jobs`, options)
follow(results, `${name}: results`, options)

// The one that started us has gone, or wants us to: withdraw, send what is left, end.
process.on('disconnect', async () => {
  await Promise.all([jobs.close(), results.close()])
  await discovery[Symbol.asyncDispose]()
})

for await (const { number } of jobs) {
  await results.send({ number, square: number ** 2, worker: process.pid })
}
