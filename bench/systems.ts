/** Who takes part: one table of the systems under test, how their processes are started, and what they need. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { startBroker } from './broker.ts'
import { buildC, C_PROGRAM, END, ROOT } from './build.ts'
import { partsOfName, type Spec, type Transport } from './ends/spec.ts'

export interface System {
  readonly name: string
  readonly transports: readonly Transport[]
  /** What this machine lacks to run it; undefined: nothing. */
  missing(): string | undefined
  version(): string
  command(spec: Spec): readonly [string, ...string[]]
  /** Present when both ends connect to a third process. */
  broker?(): Promise<{ endpoint: string; stop(): void }>
}

/** The one that ratios refer to. */
export const BASELINE = 'zeromq'

const EVERY: readonly Transport[] = ['tcp', 'ipc', 'inproc']

const node = (spec: Spec) => [process.execPath, END, JSON.stringify(spec)] as const

const library = (name: string, root = ROOT): System => ({
  name,
  transports: EVERY,
  missing: () => (existsSync(join(root, 'dist/index.js')) ? undefined : `no build in ${root}`),
  version: () => versionIn(join(root, 'package.json')),
  command: node,
})

const SYSTEMS: readonly System[] = [
  library('typedmq'),
  library('typedmq-try'),
  library('typedmq-libzmq'),
  {
    name: BASELINE,
    transports: EVERY,
    missing: () => unresolved('zeromq'),
    version: () => versionOf('zeromq'),
    command: node,
  },
  {
    name: 'libzmq-c',
    transports: EVERY,
    missing: buildC,
    version: () => execFileSync(C_PROGRAM, { encoding: 'utf8' }).trim(),
    command: ({ endpoint, size, warmUp, window, ends, curve }) => [
      C_PROGRAM,
      endpoint,
      String(size),
      String(warmUp),
      String(window),
      curve?.publicKey ?? '-',
      curve?.secretKey ?? '-',
      ...ends.map(end => `${end.role}:${end.mode}:${end.sockets ?? 1}:${end.topics ?? 1}`),
    ],
  },
  {
    name: 'nats',
    transports: ['tcp'],
    missing: () => unresolved('nats') ?? (found('nats-server', '--version') ? undefined : 'no nats-server'),
    version: () =>
      `${execFileSync('nats-server', ['--version'], { encoding: 'utf8' }).match(/[\d.]+/)} (client ${versionOf('nats')})`,
    command: node,
    broker: startBroker,
  },
  {
    name: 'raw',
    transports: ['tcp', 'ipc'],
    missing: () => undefined,
    version: () => process.version,
    command: node,
  },
]

/** By name; `typedmq@DIRECTORY` and `typedmq-try@DIRECTORY` are another build of the library, to compare two of them. */
export function systemNamed(name: string): System {
  const { system: known, directory } = partsOfName(name)
  const system = SYSTEMS.find(({ name }) => name === known)
  if (system === undefined || (directory !== undefined && !known.startsWith('typedmq'))) {
    throw new RangeError(
      `unknown system "${name}"; known are ${SYSTEMS.map(({ name }) => name).join(', ')}, and typedmq@DIRECTORY for another build`,
    )
  }
  return directory === undefined ? system : library(name, directory)
}

/** Runs a command that only has to exist. */
export function found(...command: [string, ...string[]]): boolean {
  try {
    execFileSync(command[0], command.slice(1), { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function unresolved(name: string): string | undefined {
  try {
    createRequire(import.meta.url).resolve(name)
    return undefined
  } catch {
    return `package ${name} is not installed`
  }
}

function versionOf(name: string): string {
  return versionIn(join(ROOT, 'node_modules', name, 'package.json'))
}

/** A build may come alone. */
function versionIn(path: string): string {
  if (!existsSync(path)) return 'of unknown version'
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}
