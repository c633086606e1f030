/** Runs two ends of one system against each other, each in a process of its own, and hands back what they report. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from './child.ts'
import { type Cost, Course, costBetween, type Rates, type Timing } from './course.ts'
import type { CurveKeys, EndSpec, Opening, Report, Sample, Spec, Transport } from './ends/spec.ts'
import type { System } from './systems.ts'

export interface Work {
  readonly transport: Transport
  readonly size: number
  readonly typed?: boolean
  readonly curve?: CurveKeys
  readonly watchGap?: boolean
  /** Both processes on this one core, by taskset. */
  readonly core?: number
}

/** The first end binds, the second connects. */
export type Pairing = readonly [Omit<EndSpec, 'mode'>, Omit<EndSpec, 'mode'>]

/** What a run of two ends that send and receive as fast as they go has shown. */
export interface Flow extends Rates {
  /** By process. */
  readonly costs: Readonly<Partial<Record<'receiver' | 'sender' | 'both ends', Cost>>>
}

const MEASURING = new Set(['pull', 'subscribe', 'request'])

export function measures({ ends }: Opened): boolean {
  return ends.some(({ role }) => MEASURING.has(role))
}

/** One end sends, the other receives, until the receiver's course is over. */
export function flow(system: System, pairing: Pairing, work: Work, timing: Timing): Promise<Flow> {
  return withEnds(system, pairing, work, timing, async opened => {
    const receiver = opened.find(measures)!
    const sender = opened.find(other => other !== receiver)
    const sent = sender && new Latest(sender.child)
    const course = new Course(timing)
    let sentBefore: Sample | undefined
    for (;;) {
      const sample = await receiver.child.next<Sample>()
      const over = course.add(sample)
      if (course.from === sample) sentBefore = sent?.sample
      if (!over) continue
      const sentAfter = sent?.sample
      return {
        ...course.rates,
        costs: {
          [sender === undefined ? 'both ends' : 'receiver']: costBetween(course.from!, sample),
          ...(sentBefore && sentAfter ? { sender: costBetween(sentBefore, sentAfter) } : {}),
        },
      }
    }
  })
}

/** The reports of the ends that measure by themselves: with `watchGap` both. */
export function exchange(
  system: System,
  pairing: Pairing,
  work: Work,
  times: Pick<Timing, 'warmUp' | 'window'>,
): Promise<Report[]> {
  return withEnds(system, pairing, work, times, opened =>
    Promise.all(
      opened.filter(one => work.watchGap || measures(one)).map(({ child }) => child.next<Report>()),
    ),
  )
}

/** One process of a run. */
export interface Opened {
  readonly child: Child
  readonly ends: readonly EndSpec[]
}

/** How the processes of a run are started. */
export interface Starting extends Pick<Timing, 'warmUp' | 'window'> {
  /** Milliseconds between two samples. */
  readonly interval?: number
  readonly environment?: Readonly<Record<string, string>>
}

/** Opens both ends, which begin at once, and closes them after `use`. */
export async function withEnds<Result>(
  system: System,
  pairing: Pairing,
  work: Work,
  { warmUp, window, interval, environment }: Starting,
  use: (opened: readonly Opened[]) => Promise<Result>,
): Promise<Result> {
  const ends: EndSpec[] = [
    { ...pairing[0], mode: 'bind' },
    { ...pairing[1], mode: 'connect' },
  ]
  const directory = mkdtempSync(join(tmpdir(), 'typedmq-bench-'))
  const broker = await system.broker?.()
  const opened: Opened[] = []
  try {
    let endpoint = broker?.endpoint ?? addressFor(work.transport, directory)
    for (const own of work.transport === 'inproc' ? [ends] : ends.map(end => [end])) {
      const spec = { ...work, warmUp, window, interval, system: system.name, endpoint, ends: own }
      const child = start(system, spec, work.core, environment)
      opened.push({ child, ends: own })
      endpoint = (await child.next<Opening>()).endpoint
    }
    return await use(opened)
  } finally {
    for (const { child } of opened) child[Symbol.dispose]()
    broker?.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The last sample that a process has told. One that tells none, such as a C program that sends, has none. */
class Latest {
  sample: Sample | undefined

  constructor(child: Child) {
    void this.#follow(child).catch(() => {})
  }

  async #follow(child: Child): Promise<void> {
    for (;;) this.sample = await child.next<Sample>()
  }
}

export function start(
  system: System,
  spec: Spec,
  core?: number,
  environment?: Readonly<Record<string, string>>,
): Child {
  const command = system.command(spec)
  return new Child(core === undefined ? command : ['taskset', '-c', String(core), ...command], environment)
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
