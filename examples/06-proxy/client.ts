/** Asks through the broker; does not know how many services there are. */
import { Request } from 'typedmq'

await using client = new Request<string, string>().connect(process.argv[2]!)

for (const question of ['one', 'two', 'three', 'four']) {
  console.log(`client: ${question} -> ${await client.request(question)}`)
}
