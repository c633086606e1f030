/** Announces and watches, and has nothing else to do: it must end by itself. */
import { mdns } from '../../../src/discovery/index.ts'

async function watch(): Promise<void> {
  for await (const _ of discovery.watch('nobody at all')) process.exitCode = 1
}

const discovery = mdns()
await discovery.announce({ name: 'lonely', instance: 'lonely', endpoints: ['tcp://127.0.0.1:5555'] })
void watch()
