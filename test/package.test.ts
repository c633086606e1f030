/** The package as npm would publish it: what is in it, and that plain node can use it with nothing else installed. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from './support/run.ts'

const execute = promisify(execFile)
/** A build and a pack, on a machine that may be busy. */
const PATIENCE = 120_000

const scratch = mkdtempSync(join(tmpdir(), 'typedmq-package-'))
const stage = join(scratch, 'stage')
const user = join(scratch, 'user')
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
let packed: string[]

/** Builds a copy of the project without the types, which take long, packs it, and unpacks it beside its dependencies only. */
beforeAll(async () => {
  mkdirSync(join(user, 'node_modules', 'typedmq'), { recursive: true })
  mkdirSync(stage)
  const left = new Set(['node_modules', '.git', 'dist'].map(name => join(ROOT, name)))
  cpSync(ROOT, stage, { recursive: true, filter: source => !left.has(source.replace(/\/$/, '')) })
  symlinkSync(join(ROOT, 'node_modules'), join(stage, 'node_modules'))
  await execute(process.execPath, ['node_modules/tsup/dist/cli-default.js', '--no-dts'], { cwd: stage })

  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch]
  const { stdout } = await execute('npm', pack, { cwd: stage })
  const [{ filename, files }] = JSON.parse(stdout)
  packed = files.map(({ path }: { path: string }) => path)
  await execute('tar', [
    '-xzf',
    join(scratch, filename),
    '--strip-components=1',
    '-C',
    join(user, 'node_modules', 'typedmq'),
  ])
  for (const name of Object.keys(manifest.dependencies)) {
    const place = join(user, 'node_modules', name)
    mkdirSync(dirname(place), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), place)
  }
}, PATIENCE)

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Runs a program in the user's directory; answers what it prints. */
async function node(flags: readonly string[], file: string, program: string): Promise<string> {
  writeFileSync(join(user, file), program)
  const { stdout, stderr } = await execute(process.execPath, [...flags, file], { cwd: user, timeout: 30_000 })
  return stdout + stderr
}

/** The paths under a condition of every entry point. */
function exported(condition: 'import' | 'require'): string[] {
  const entries: (string | Record<string, { default: string }>)[] = Object.values(manifest.exports)
  return entries.flatMap(entry => (typeof entry === 'string' ? [] : [entry[condition]!.default.slice(2)]))
}

/** What a file of the package loads, by itself or through its chunks: files, itself among them, and specifiers. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  seen.add(file)
  const text = readFileSync(join(user, 'node_modules', 'typedmq', file), 'utf8')
  for (const [, specifier] of text.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*["']([^"']+)["']/g)) {
    const next = specifier!.startsWith('.') ? join(dirname(file), specifier!) : specifier!
    if (specifier!.startsWith('.') && !seen.has(next)) loadedBy(next, seen)
    else seen.add(next)
  }
  return seen
}

function packagesOf(file: string): Set<string> {
  return new Set([...loadedBy(file)].filter(name => name in manifest.dependencies))
}

function filesOf(file: string): Set<string> {
  return new Set([...loadedBy(file)].filter(name => name.startsWith('dist/')))
}

const SPECIFIERS = Object.keys(manifest.exports)
  .filter(name => name !== './package.json')
  .map(name => name.replace('.', 'typedmq'))

describe('The package', () => {
  test('holds what users need and nothing else', () => {
    const rest = packed.filter(path => !/^dist\/[\w-]+\.(c?js|d\.c?ts)$/.test(path))
    expect(rest.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
  })

  test('holds every file that its exports name', () => {
    expect(packed).toEqual(expect.arrayContaining([...exported('import'), ...exported('require')]))
  })

  test('has no install script, and only optional peers that are native', () => {
    const scripts = Object.keys(manifest.scripts).filter(name => /^(pre|post)?install$|^prepare$/.test(name))
    expect(scripts).toEqual([])
    const needed = Object.keys(manifest.peerDependencies).filter(
      name => manifest.peerDependenciesMeta[name]?.optional !== true,
    )
    expect(needed).toEqual([])
  })

  test.each(['js', 'cjs'])('loads what mDNS stands on with discovery only (%s)', format => {
    const mdns = ['dns-packet', 'multicast-dns']
    expect([...packagesOf(`dist/discovery.${format}`)]).toEqual(expect.arrayContaining(mdns))
    for (const entry of ['index', 'curve', 'libzmq', 'observability']) {
      const packages = packagesOf(`dist/${entry}.${format}`)
      expect(mdns.filter(name => packages.has(name))).toEqual([])
    }
  })

  test.each(['js', 'cjs'])('has its core in one file, which every entry point shares (%s)', format => {
    expect([...packagesOf(`dist/index.${format}`)]).toEqual([])
    const core = filesOf(`dist/index.${format}`)
    expect(core.size).toBe(2)
    for (const entry of ['curve', 'discovery', 'libzmq', 'observability']) {
      const shared = [...core].filter(name => filesOf(`dist/${entry}.${format}`).has(name))
      expect(shared).toHaveLength(1)
    }
  })

  test('loads as ESM and as CommonJS, and the two talk over inproc', async () => {
    const program = `
      import { createRequire } from 'node:module'
      import { Push, Reply, TypedMqError } from 'typedmq'
      const common = createRequire(import.meta.url)('typedmq')
      const push = new Push()
      const pull = new common.Pull()
      const reply = new Reply()
      const request = new common.Request()
      push.connect(await pull.bind('inproc://jobs'))
      request.connect(await reply.bind('inproc://questions'))
      reply.serve(question => question + 1)
      await push.send({ id: 1 })
      console.log(await pull.receive(), await request.request(1), TypedMqError === common.TypedMqError)
      await Promise.all([push, pull, reply, request].map(socket => socket.close()))`
    expect(await node([], 'both.mjs', program)).toBe('{ id: 1 } 2 false\n')
  })

  test('needs no native code', async () => {
    const program = `
      import { Pull, Push } from 'typedmq'
      import { curveClient, curveKeyPair, curveServer } from 'typedmq/curve'
      const [server, client] = await Promise.all([curveKeyPair(), curveKeyPair()])
      const pull = new Pull({ security: curveServer(server) })
      const push = new Push({ security: curveClient({ ...client, serverKey: server.publicKey }) })
      push.connect(await pull.bind('tcp://127.0.0.1:0'))
      await push.send({ id: 1 })
      console.log(await pull.receive())
      await Promise.all([push.close(), pull.close()])`
    expect(await node(['--no-addons'], 'pure.mjs', program)).toBe('{ id: 1 }\n')
  })

  test.each(['import', 'require'])(
    'does nothing when loaded by %s: no handle, no listener, no global',
    async way => {
      const program = `
      const before = new Set(Reflect.ownKeys(globalThis))
      const listeners = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
      const heard = listeners()
      const load = async specifier => ${way === 'import' ? 'import(specifier)' : 'require(specifier)'}
      Promise.all(${JSON.stringify(SPECIFIERS)}.map(load)).then(() => setImmediate(() => {
        // What is left may be the loader's and the output's.
        const handles = process.getActiveResourcesInfo().filter(name => !/^(Immediate|FSReq.*|Pipe.*|TTYWrap)$/.test(name))
        const globals = Reflect.ownKeys(globalThis).filter(key => !before.has(key) && typeof key === 'string')
        console.log(handles, globals, listeners() - heard)
      }))`
      expect(await node([], 'quiet.cjs', program)).toBe('[] [] 0\n')
    },
  )
})
