/** Bundles a TypeScript program once a test file, so that each process that runs it starts quickly. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

/** The path of the bundle; gone when this process ends. */
export async function bundle(program: URL): Promise<string> {
  // Inside the project, so that its dependencies are found.
  const cache = fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url))
  mkdirSync(cache, { recursive: true })
  const outDir = mkdtempSync(join(cache, 'program-'))
  process.once('exit', () => rmSync(outDir, { recursive: true, force: true }))
  const entry = fileURLToPath(program)
  await build({
    config: false,
    entry: [entry],
    outDir,
    format: 'esm',
    target: 'node20',
    silent: true,
    outExtension: () => ({ js: '.mjs' }),
  })
  return join(outDir, basename(entry).replace(/\.ts$/, '.mjs'))
}
