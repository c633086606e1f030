/** What the main process tells its children when it starts them, and how they end with it. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Setup {
  readonly directory: string
  readonly workers: number
  readonly control: string
  readonly progress: string
  /** Where the sink is to bind. */
  readonly results: string
}

export function start(role: 'ventilator' | 'worker' | 'sink', setup: Setup, number = 0): ChildProcess {
  const file = fileURLToPath(new URL(`${role}.ts`, import.meta.url))
  return fork(file, [JSON.stringify(setup), String(number)], { execArgv: ['--import', 'tsx'] })
}

/** A child must not outlive its parent, however that ends. */
export function untilParentLeaves(): void {
  if (!process.connected) process.exit()
  process.on('disconnect', () => process.exit())
  // The terminal sends Ctrl-C to all; the parent decides.
  process.on('SIGINT', () => {})
  process.channel?.unref()
}
