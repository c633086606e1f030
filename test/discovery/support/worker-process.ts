/** A worker of a pipeline: found by name, it says each job it gets. */
import { announce, mdns } from '../../../src/discovery/index.ts'
import { Pull } from '../../../src/index.ts'

const [name, ...interfaces] = process.argv.slice(2)
const pull = new Pull<number>()
announce(pull, name!, { discovery: mdns({ period: 1000, interfaces }) })
await pull.bind('tcp://127.0.0.1:0')
for await (const job of pull) console.log(job)
