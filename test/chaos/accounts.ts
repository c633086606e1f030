/** What must be true when a chaos run is over: nothing twice, in order, and no more lost than was owned up to. */
import type { Actor } from './actor.ts'
import { type Entry, readJournal } from './journal.ts'
import { MARK, MESSAGE_SIZE, type Sums } from './orders.ts'

/** Messages a session that was killed may have read (and answered PINGs for) without its application having seen them: the mark, and one socket read of 64 KiB. */
const READ_BY_SESSION = MARK + Math.ceil(65_536 / MESSAGE_SIZE)

export interface Play {
  readonly source: Actor
  readonly workers: readonly Actor[]
  readonly sink: Actor
  readonly requester: Actor
  readonly sums: { source: Sums; workers: readonly Sums[]; requester: Sums }
}

export interface Accounts {
  readonly findings: readonly string[]
  readonly lines: readonly string[]
}

export function audit({ workers, sink, requester, sums }: Play): Accounts {
  const findings: string[] = []
  const lines: string[] = []
  const entriesOf = (actor: Actor) => actor.incarnations.map(one => readJournal(one.journal))
  const workerKills = workers.reduce((sum, one) => sum + one.kills, 0)

  const settle = (
    name: string,
    sent: number,
    received: number,
    dropped: number,
    lost: number,
    kills: number,
  ) => {
    const missing = sent - received - dropped
    const allowed = lost + kills * READ_BY_SESSION
    lines.push(
      `${name}: ${sent} sent, ${received} received, ${dropped} dropped, ${missing} missing; possibly lost ${lost}, ${kills} peers killed`,
    )
    if (missing < 0) findings.push(`${name}: ${-missing} more received than sent`)
    if (missing > allowed) findings.push(`${name}: ${missing} missing, ${allowed} accounted for`)
  }

  // Jobs: one ventilator, any worker.
  const jobs = workers.flatMap(entriesOf).map(entries => numbersOf(entries, 'job'))
  const allJobs = jobs.flat()
  findings.push(...twice('job', allJobs))
  settle('jobs', sums.source.sent, allJobs.length, sums.source.dropped, sums.source.possiblyLost, workerKills)
  // Order holds within a pipe, but for what was re-routed into it: what a connection that ended had not begun to write
  // goes on in one piece, ahead of new jobs, dealt out to the workers. So it begins once at each, at most, after newer ones.
  const stepsBack = workers.flatMap(entriesOf).flatMap(pipesOf).map(descents)
  const steps = stepsBack.reduce((sum, count) => sum + count, 0)
  const { disconnects = 0 } = sums.source
  lines.push(`jobs: ${stepsBack.length} pipes, ${steps} steps back, ${disconnects} connections ended`)
  const allowedSteps = disconnects * workers.length
  if (steps > allowedSteps) findings.push(`jobs: ${steps} steps back, ${allowedSteps} explained`)

  // News: a process never gets one twice, or an older one after a newer.
  const news = workers.flatMap(entriesOf).map(entries => numbersOf(entries, 'news'))
  for (const list of news) {
    findings.push(...twice('news', list))
    if (descents(list) > 0) findings.push('news: out of order')
  }
  const read = news.reduce((sum, list) => sum + list.length, 0)
  const { publishedSent = 0, publishedLost = 0, published = 0 } = sums.source
  const unread = publishedSent - read
  lines.push(
    `news: ${published} published, ${publishedSent} handed over, ${read} read, possibly lost ${publishedLost}`,
  )
  if (unread > publishedLost + workerKills * READ_BY_SESSION) findings.push(`news: ${unread} missing`)

  // Results: each worker process has one pipe, so they come in order and once, whatever the sink went through.
  const results = entriesOf(sink)
    .flat()
    .filter(({ word }) => word === 'result')
  for (const worker of workers) {
    for (const { number, journal } of worker.incarnations) {
      const mine = results.filter(({ numbers }) => numbers[0] === number).map(({ numbers }) => numbers[1]!)
      findings.push(...twice(`result of ${number}`, mine))
      if (descents(mine) > 0) findings.push(`results of ${number}: out of order`)
      // Written down before they are sent: after a kill too.
      const sent = numbersOf(readJournal(journal), 'sent').length
      if (mine.length > sent) findings.push(`results of ${number}: more than were sent`)
    }
    const last = worker.incarnations.at(-1)!.number
    const received = results.filter(({ numbers }) => numbers[0] === last).length
    const mine = sums.workers[workers.indexOf(worker)]!
    settle(`results of ${last}`, mine.sent, received, mine.dropped, mine.possiblyLost, sink.kills)
  }

  // Requests: each has one outcome, and was seen at most once, for nobody asked again.
  const outcomes = entriesOf(requester).flat()
  const count = (word: string) => numbersOf(outcomes, word).length
  findings.push(
    ...twice(
      'question',
      entriesOf(sink)
        .flat()
        .filter(({ word }) => word === 'asked')
        .map(one => one.numbers[0]!),
    ),
  )
  findings.push(
    ...twice(
      'outcome',
      outcomes.map(one => one.numbers[0]!),
    ),
  )
  lines.push(
    `requests: ${sums.requester.sent} asked, ${count('answered')} answered, ${count('lost')} told that their peer was lost`,
  )
  if (count('confused') > 0) findings.push(`requests: ${count('confused')} answers to other questions`)
  if (count('late') > 0) findings.push(`requests: ${count('late')} timed out`)
  if (outcomes.length !== sums.requester.sent) findings.push(`requests: ${outcomes.length} outcomes`)
  return { findings, lines }
}

function numbersOf(entries: readonly Entry[], word: string): number[] {
  return entries.filter(entry => entry.word === word).map(entry => entry.numbers[0]!)
}

/** The jobs of one process, pipe by pipe. */
function pipesOf(entries: readonly Entry[]): number[][] {
  const pipes = new Map<number, number[]>()
  for (const { word, numbers } of entries) {
    if (word !== 'job') continue
    const [job, pipe] = numbers as [number, number]
    const list = pipes.get(pipe)
    if (list === undefined) pipes.set(pipe, [job])
    else list.push(job)
  }
  return [...pipes.values()]
}

function twice(name: string, numbers: readonly number[]): string[] {
  const surplus = numbers.length - new Set(numbers).size
  return surplus === 0 ? [] : [`${surplus} times a ${name} came twice`]
}

function descents(numbers: readonly number[]): number {
  let count = 0
  for (let at = 1; at < numbers.length; at++) if (numbers[at]! < numbers[at - 1]!) count++
  return count
}
