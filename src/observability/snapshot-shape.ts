/** What a snapshot looks like, for answers that anybody may have sent. Pure: what comes out has the known members only. */

type Read = (value: unknown, path: string) => unknown

/** Characters of a text: the longest routing id as hex digits, and room. */
const MAX_TEXT = 1_000
/** Sockets, endpoints of one socket, and peers in all its sockets that one source may show. */
const MAX_ITEMS = 1_000
const MAX_ENDPOINTS = 100
const MAX_COUNTERS = 50
const MAX_NAME = 50

const refuse = (path: string, wanted: string): never => {
  throw new TypeError(`the answer is no snapshot of statistics: ${path} must be ${wanted}`)
}

const text: Read = (value, path) =>
  typeof value === 'string' && value.length <= MAX_TEXT
    ? value
    : refuse(path, `at most ${MAX_TEXT} characters`)

const number: Read = (value, path) => (Number.isFinite(value) ? value : refuse(path, 'a finite number'))

/** JSON has no Infinity: a mark that is none arrives as null. */
const mark: Read = (value, path) => (value === null ? null : number(value, path))

const exactly =
  (wanted: unknown): Read =>
  (value, path) =>
    value === wanted ? value : refuse(path, String(wanted))

const optional =
  (read: Read): Read =>
  (value, path) =>
    value === undefined ? undefined : read(value, path)

const list =
  (read: Read, most: number): Read =>
  (value, path) =>
    Array.isArray(value) && value.length <= most
      ? value.map((item, index) => read(item, `${path}[${index}]`))
      : refuse(path, `a list of at most ${most}`)

const object = (members: Readonly<Record<string, Read>>): Read => {
  const known = Object.entries(members)
  return (value, path) => {
    if (typeof value !== 'object' || value === null) return refuse(path, 'an object')
    const copy: Record<string, unknown> = {}
    for (const [name, read] of known) {
      const member = read(Object.hasOwn(value, name) ? value[name as never] : undefined, `${path}.${name}`)
      if (member !== undefined) copy[name] = member
    }
    return copy
  }
}

const numbers = (...names: readonly string[]): Read =>
  object(Object.fromEntries(names.map(name => [name, optional(number)])))

/** Counters, whatever their names: a newer program may have more. */
const counters: Read = (value, path) => {
  if (typeof value !== 'object' || value === null) return refuse(path, 'an object')
  const found = Object.entries(value)
  const wrong = found.some(([name, count]) => name.length > MAX_NAME || !Number.isFinite(count))
  return wrong || found.length > MAX_COUNTERS
    ? refuse(path, `at most ${MAX_COUNTERS} numbers`)
    : Object.fromEntries(found)
}

const delay = optional(numbers('p50', 'p90', 'p99', 'max', 'samples'))
const clock = optional(numbers('offset', 'uncertainty'))
const marks = object({ messages: mark, bytes: mark })
const trace = optional(
  object({
    messages: number,
    ...{ produce: delay, queue: delay, consume: delay, latency: delay },
    throughput: optional(number),
    clock: (value, path) => (typeof value === 'string' ? text(value, path) : clock(value, path)),
    sent: optional(object({ messages: number, produce: delay })),
  }),
)
const shared = { traffic: counters, sendDelay: delay, receiveDelay: delay, trace }

const peer = object({
  id: number,
  endpoint: text,
  routingId: optional(text),
  ...Object.fromEntries(
    ['address', 'socketType', 'userId', 'protocol', 'state'].map(name => [name, optional(text)]),
  ),
  roundTrip: optional(number),
  marks: optional(object({ send: marks, receive: marks })),
  ...shared,
})

const socket = object({
  type: text,
  endpoints: list(text, MAX_ENDPOINTS),
  dropped: optional(counters),
  departed: optional(numbers('messages', 'bytes', 'holding', 'peers')),
  ...Object.fromEntries(
    ['invalid', 'possiblyLost', 'reconnections', 'unlisted'].map(name => [name, optional(number)]),
  ),
  ...shared,
  peers: list(peer, MAX_ITEMS),
})

const snapshot = object({
  version: exactly(1),
  host: text,
  pid: number,
  name: optional(text),
  uptime: number,
  sockets: list(socket, MAX_ITEMS),
})

/** A copy with the members that a snapshot has. Throws `TypeError` that names the first wrong one, and quotes nothing. */
export function readSnapshot(value: unknown): unknown {
  return snapshot(value, 'snapshot')
}
