/** Programs of child processes, bundled once: plain Node starts one in a tenth of the time that it takes through tsx. */
import { mkdirSync, renameSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Below node_modules, so that packages are found from there. */
const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/typedmq-programs/', import.meta.url))

/** Answers the path of a file that Node can run as it is. */
export async function program(source: URL): Promise<string> {
  mkdirSync(FOLDER, { recursive: true })
  const file = `${FOLDER}${basename(source.pathname, '.ts')}.mjs`
  const own = `${file}.${process.pid}`
  await build({
    entryPoints: [fileURLToPath(source)],
    outfile: own,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  })
  // Other test files may run what is there, or make it at the same time.
  renameSync(own, file)
  return file
}
