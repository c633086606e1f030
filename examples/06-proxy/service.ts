/** Answers what comes through the broker, until the broker leaves. */
import { Reply } from 'typedmq'

const [endpoint, name] = process.argv.slice(2) as [string, string]
await using service = new Reply<string, string>().connect(endpoint)
process.once('disconnect', () => service.close())

await service.serve(question => `${question.toUpperCase()} (says ${name})`)
