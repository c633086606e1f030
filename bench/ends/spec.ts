/** What one measuring process is told, and what it reports: JSON both ways, so that a C program can be an end as well. */

export type Transport = 'tcp' | 'ipc' | 'inproc'
export type Role = 'push' | 'pull' | 'publish' | 'subscribe' | 'request' | 'reply'

export interface EndSpec {
  readonly role: Role
  readonly mode: 'bind' | 'connect'
  /** How many sockets of this role the process opens. Default 1. */
  readonly sockets?: number
  /** Publishing ends send to so many topics in turn, subscribing ends subscribe to each. Default 1. */
  readonly topics?: number
}

/** Z85 texts. */
export interface CurveKeys {
  readonly publicKey: string
  readonly secretKey: string
}

export interface Spec {
  readonly system: string
  /** To bind, or to connect to. The real one is reported by the process that binds. */
  readonly endpoint: string
  /** Bytes of a message; of its body where a topic goes before it. */
  readonly size: number
  /** For ends that report once: milliseconds that do not count, then milliseconds that do. Those that tell samples run until they are ended. */
  readonly warmUp: number
  readonly window: number
  /** Milliseconds between two samples. Default 500. */
  readonly interval?: number | undefined
  /** More than one only with inproc. */
  readonly ends: readonly EndSpec[]
  /** Send a six-field object through a codec instead of bytes. */
  readonly typed?: boolean
  /** The server's pair; clients use it as their own as well. */
  readonly curve?: CurveKeys
  /** Open, collect garbage now and then, and do nothing else. */
  readonly idle?: boolean
  /** Watch the event loop, and let the sending end stop by itself to tell. */
  readonly watchGap?: boolean
}

/** The first line of every process: it is open. */
export interface Opening {
  readonly endpoint: string
}

/** A line now and then of an end that sends or receives as fast as it goes. All figures are sums since its beginning. */
export interface Sample {
  /** Milliseconds on the clock of the process. */
  readonly at: number
  /** Messages. */
  readonly count: number
  /** Microseconds of processor time, page faults, and bytes allocated in the JavaScript heap (bodies of messages lie outside); absent where the end cannot tell. */
  readonly cpu?: number
  readonly faults?: number
  readonly heap?: number
}

/** The last line of the other ends; each fills in what it can tell. */
export interface Report {
  /** Microseconds of a round trip: median and 99th percentile when warm; the latter also of the first 10,000 trips. */
  readonly p50?: number
  readonly p99?: number
  readonly p99Cold?: number
  /** Longest time in milliseconds that the event loop did not turn. */
  readonly gap?: number
}

export function topicNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `topic.${String(index).padStart(5, '0')}.`)
}

/** What stands before the first `@` of a system's name, and the directory behind it; undefined for this build. */
export function partsOfName(name: string): {
  readonly system: string
  readonly directory: string | undefined
} {
  const at = name.indexOf('@')
  return at < 0
    ? { system: name, directory: undefined }
    : { system: name.slice(0, at), directory: name.slice(at + 1) }
}
