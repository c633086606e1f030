/** The layers of src/README.md, read out of the imports of every source file. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

/** Level 0: the files directly in src/, without the public surface. */
const VOCABULARY = 'vocabulary'
const PUBLIC = 'index.ts'

/** What each folder may import besides itself. */
const TABLE: Record<string, readonly string[]> = {
  [VOCABULARY]: [],
  wire: [VOCABULARY],
  queue: [VOCABULARY],
  codec: [VOCABULARY],
  transport: [VOCABULARY, 'queue'],
  peer: [VOCABULARY, 'queue'],
  security: [VOCABULARY, 'wire'],
  routing: [VOCABULARY, 'queue', 'peer'],
  session: [VOCABULARY, 'wire', 'queue', 'transport', 'security', 'peer'],
  engine: [VOCABULARY, 'wire', 'queue', 'transport', 'security', 'peer', 'routing', 'session'],
  sockets: [VOCABULARY, 'codec', 'engine'],
  [PUBLIC]: [VOCABULARY, 'codec', 'engine', 'routing', 'security', 'sockets'],
  discovery: [VOCABULARY, PUBLIC],
  observability: [VOCABULARY, PUBLIC],
  cli: [VOCABULARY, PUBLIC, 'security', 'discovery', 'observability'],
}

/** Folders that must not import each other although their parent may import both. */
const SIBLINGS: readonly (readonly [string, string])[] = [['engine/zmtp', 'engine/libzmq']]

/** Modules that reach the system; only these folders may. builtin.ts lends security/ what `node:net` knows of the form of an address. */
const SYSTEM =
  /^node:(net|tls|fs|fs\/promises|dgram|dns|dns\/promises|http|https|child_process|worker_threads|readline)$/
const MAY_REACH_THE_SYSTEM = ['transport', 'engine/libzmq', 'discovery', 'observability', 'cli']
const FORM_OF_AN_ADDRESS = ['builtin.ts', 'security/allow.ts', 'security/peer-address.ts']

/** Where bytes come from and go to. All else speaks `Uint8Array`, so that a platform without `Buffer` replaces these and nothing more. */
const MAY_SPEAK_OF_BUFFERS = [
  'bytes.ts',
  'message.ts',
  'wire',
  'codec',
  'transport',
  'security',
  'session',
  'engine/libzmq',
  'discovery',
  'observability',
  'cli',
]

interface Source {
  /** Relative to src/, with slashes. */
  readonly path: string
  readonly text: string
  /** Files of src/ it imports, and modules from outside. */
  readonly files: readonly string[]
  readonly modules: readonly string[]
}

function read(path: string): Source {
  const text = readFileSync(join(SRC, path), 'utf8')
  const named = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
  const files = named
    .filter(name => name.startsWith('.'))
    .map(name => posix.normalize(posix.join(dirname(path), name)))
  return { path, text, files, modules: named.filter(name => !name.startsWith('.')) }
}

const SOURCES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map(path => path.replaceAll('\\', '/'))
  .filter(path => path.endsWith('.ts'))
  .map(read)

function layerOf(path: string): string {
  const slash = path.indexOf('/')
  if (slash >= 0) return path.slice(0, slash)
  return path === PUBLIC ? PUBLIC : VOCABULARY
}

function inFolder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}

/** One line for each import that `wrong` objects to. */
function offences(wrong: (from: string, to: string) => boolean): string[] {
  return SOURCES.flatMap(({ path, files }) =>
    files.filter(file => wrong(path, file)).map(file => `${path} imports ${file}`),
  )
}

describe('The source tree', () => {
  test('has only folders that the layer table knows', () => {
    expect([...new Set(SOURCES.map(({ path }) => layerOf(path)))].filter(layer => !(layer in TABLE))).toEqual(
      [],
    )
  })

  test('imports only from its own folder and the layers below', () => {
    const wrong = (from: string, to: string) =>
      layerOf(from) !== layerOf(to) && TABLE[layerOf(from)]?.includes(layerOf(to)) !== true
    expect(offences(wrong)).toEqual([])
  })

  test('imports files that exist, under their whole names', () => {
    const known = new Set(SOURCES.map(({ path }) => path))
    expect(offences((_, to) => !known.has(to))).toEqual([])
  })

  test('has two engines that know nothing of each other', () => {
    const wrong = (from: string, to: string) =>
      SIBLINGS.some(
        ([one, other]) =>
          (inFolder(from, one) && inFolder(to, other)) || (inFolder(from, other) && inFolder(to, one)),
      )
    expect(offences(wrong)).toEqual([])
  })

  test('has no circles', () => {
    expect(circles()).toEqual([])
  })

  test('reaches the system only in its transports and around the public API', () => {
    const wrong = SOURCES.filter(({ path }) => !MAY_REACH_THE_SYSTEM.some(folder => inFolder(path, folder)))
      .filter(({ path }) => !FORM_OF_AN_ADDRESS.includes(path))
      .flatMap(({ path, modules }) =>
        modules.filter(name => SYSTEM.test(name)).map(name => `${path} imports ${name}`),
      )
    expect(wrong).toEqual([])
  })

  test('knows of Buffer only where bytes come from and go to', () => {
    const wrong = SOURCES.filter(({ path }) => !MAY_SPEAK_OF_BUFFERS.some(folder => inFolder(path, folder)))
      .filter(({ text }) => /\bBuffer\b/.test(withoutComments(text)))
      .map(({ path }) => path)
    expect(wrong).toEqual([])
  })

  test('has named exports only', () => {
    const named = SOURCES.filter(({ text }) => /^export default\b|\bas default\b/m.test(text))
    expect(named.map(({ path }) => path)).toEqual([])
  })

  test('says in the first line of every file what it is', () => {
    const silent = SOURCES.filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text))
    expect(silent.map(({ path }) => path)).toEqual([])
  })
})

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
}

/** Each circle once, as the list of its files. */
function circles(): string[] {
  const byPath = new Map(SOURCES.map(source => [source.path, source]))
  const done = new Set<string>()
  const found: string[] = []
  const walk = (path: string, trail: readonly string[]): void => {
    const seen = trail.indexOf(path)
    if (seen >= 0) {
      found.push([...trail.slice(seen), path].join(' -> '))
      return
    }
    if (done.has(path)) return
    for (const file of byPath.get(path)?.files ?? []) walk(file, [...trail, path])
    done.add(path)
  }
  for (const { path } of SOURCES) walk(path, [])
  return found
}
