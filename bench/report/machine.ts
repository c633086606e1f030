/** Where and with what a report was measured: figures without it mean nothing. */
import { cpus, totalmem, type } from 'node:os'
import { type Load, QUIET } from '../load.ts'
import type { System } from '../systems.ts'

export interface Machine {
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly memory: string
  readonly system: string
  readonly node: string
  readonly versions: Readonly<Record<string, string>>
  /** How often each case was measured. */
  readonly rounds: number
  /** While it was measured; undefined before the end, and where it cannot be seen. */
  readonly load?: Load | undefined
}

export function machine(systems: readonly System[], rounds: number): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${process.arch}`,
    node: process.version,
    versions: Object.fromEntries(systems.map(system => [system.name, system.version()])),
    rounds,
  }
}

/** Whether figures of a machine under this load may stand on a page. */
export function isQuiet(load: Load | undefined): boolean {
  return load !== undefined && load.steal <= QUIET && load.foreign <= QUIET
}

export function loadInWords(load: Load | undefined): string {
  if (load === undefined)
    return 'The load of the machine cannot be seen here, so it is not known to have been quiet.'
  const shares = `the host took ${percent(load.steal)} of the processors away, other processes took ${percent(load.foreign)}`
  return isQuiet(load)
    ? `The machine was quiet: ${shares}.`
    : `NOT A QUIET MACHINE: ${shares}; more than ${percent(QUIET)} of either, and the figures mean little.`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

export function machineInWords(where: Machine): string {
  const { date, cpu, cores, memory, system, node, versions, rounds } = where
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `Measured on ${date}: ${cpu}, ${cores} cores, ${memory}, ${system}, Node ${node}, loopback, ${rounds === 1 ? 'one round' : `${rounds} rounds`}. ${named.join(', ')}.`
}
