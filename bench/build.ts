/** What has to be compiled before anything is measured: the package, the measuring process, the C program. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Ignored by git and by the package. */
const OUT = join(ROOT, 'bench/dist')
export const END = join(OUT, 'end.js')
export const C_PROGRAM = join(OUT, 'zmq')

/** Builds the package when dist is missing or older than src: what is measured is what users get. */
export function buildPackage(say: (line: string) => void): void {
  const built = join(ROOT, 'dist/index.js')
  if (existsSync(built) && statSync(built).mtimeMs > newest(join(ROOT, 'src'))) return
  say('building dist, which is missing or older than src')
  // Standard output is for results.
  execFileSync('npm', ['run', '-s', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Compiled, for the measured process is to be plain node without a loader. */
export async function buildEnd(): Promise<void> {
  await build({
    config: false,
    silent: true,
    entry: { end: join(ROOT, 'bench/ends/end.ts') },
    outDir: OUT,
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    external: ['typedmq', /^typedmq\//, 'zeromq', 'nats', 'msgpackr'],
  })
}

let cMissing: string | undefined | null = null

/** Compiles the C program once; says why when it cannot. */
export function buildC(): string | undefined {
  if (cMissing !== null) return cMissing
  mkdirSync(OUT, { recursive: true })
  try {
    const source = join(ROOT, 'bench/c/zmq.c')
    execFileSync('cc', ['-O2', '-o', C_PROGRAM, source, '-lzmq', '-lpthread'], { stdio: 'pipe' })
    cMissing = undefined
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer }
    cMissing =
      code === 'ENOENT'
        ? 'no C compiler (cc)'
        : `it does not compile, libzmq3-dev may be missing: ${String(stderr).split('\n')[0]}`
  }
  return cMissing
}

function newest(directory: string): number {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map(name => statSync(join(directory, name)).mtimeMs)
    .reduce((a, b) => Math.max(a, b), 0)
}
