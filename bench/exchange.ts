/** Runs two ends of one system against each other, each in a process of its own, and hands back what they report. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from './child.ts'
import type { CurveKeys, EndSpec, Opening, Report, Spec, Transport } from './ends/spec.ts'
import type { System } from './systems.ts'

export interface Work {
  readonly transport: Transport
  readonly size: number
  readonly warmUp: number
  readonly window: number
  readonly typed?: boolean
  readonly curve?: CurveKeys
  readonly watchGap?: boolean
  /** Both processes on this one core, by taskset. */
  readonly core?: number
}

/** The first end binds, the second connects. */
export type Pairing = readonly [Omit<EndSpec, 'mode'>, Omit<EndSpec, 'mode'>]

const MEASURING = new Set(['pull', 'subscribe', 'request'])

/** The reports of the ends that measure: with `watchGap` both. */
export async function exchange(system: System, pairing: Pairing, work: Work): Promise<Report[]> {
  const ends: EndSpec[] = [
    { ...pairing[0], mode: 'bind' },
    { ...pairing[1], mode: 'connect' },
  ]
  // With a broker there is nothing to bind; who receives has to be there first all the same.
  const directory = mkdtempSync(join(tmpdir(), 'typedmq-bench-'))
  const broker = await system.broker?.()
  const children: Child[] = []
  try {
    let endpoint = broker?.endpoint ?? addressFor(work.transport, directory)
    const reports: Promise<Report>[] = []
    for (const own of work.transport === 'inproc' ? [ends] : ends.map(end => [end])) {
      const child = start(system, { ...work, system: system.name, endpoint, ends: own }, work.core)
      children.push(child)
      endpoint = (await child.next<Opening>()).endpoint
      if (work.watchGap || own.some(end => MEASURING.has(end.role))) reports.push(child.next<Report>())
    }
    return await Promise.all(reports)
  } finally {
    for (const child of children) child[Symbol.dispose]()
    broker?.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

export function start(system: System, spec: Spec, core?: number): Child {
  const command = system.command(spec)
  return new Child(core === undefined ? command : ['taskset', '-c', String(core), ...command])
}

function addressFor(transport: Transport, directory: string): string {
  switch (transport) {
    case 'tcp':
      return 'tcp://127.0.0.1:0'
    case 'ipc':
      return `ipc://${join(directory, 'socket')}`
    case 'inproc':
      return 'inproc://bench'
  }
}
