/** Where and with what a report was measured: figures without it mean nothing. */
import { cpus, totalmem, type } from 'node:os'
import type { System } from '../systems.ts'

export interface Machine {
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly memory: string
  readonly system: string
  readonly node: string
  readonly versions: Readonly<Record<string, string>>
}

export function machine(systems: readonly System[]): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${process.arch}`,
    node: process.version,
    versions: Object.fromEntries(systems.map(system => [system.name, system.version()])),
  }
}

export function machineInWords({ date, cpu, cores, memory, system, node, versions }: Machine): string {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `Measured on ${date}: ${cpu}, ${cores} cores, ${memory}, ${system}, Node ${node}, loopback. ${named.join(', ')}.`
}
