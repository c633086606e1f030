/** What the library adds to a bundle: its own code, and with msgpackr, which its build holds. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'tsup'
import { ROOT } from '../build.ts'
import { partsOfName } from '../ends/spec.ts'
import type { Scenario } from '../scenario.ts'

export const packageSize: Scenario = {
  name: 'size',
  about: 'Size of the core as one file, minified and gzipped: what is ours, and with msgpackr.',
  systems: ['typedmq'],
  transports: [],
  sizes: [],
  cases: () => [
    {
      transport: null,
      size: null,
      async measure(system) {
        const { directory = ROOT } = partsOfName(system.name)
        const source = join(directory, 'src/index.ts')
        return {
          // Another build may come without its source.
          ...(existsSync(source) ? { KB: await bundled(source, ['msgpackr']) } : {}),
          'KB, with msgpackr': await bundled(join(directory, 'dist/index.js'), []),
        }
      },
    },
  ],
}

/** Thousands of bytes of an entry and all it needs. */
async function bundled(entry: string, external: string[]): Promise<number> {
  const outDir = mkdtempSync(join(tmpdir(), 'typedmq-size-'))
  try {
    await build({
      config: false,
      silent: true,
      entry: { core: entry },
      outDir,
      format: 'esm',
      minify: true,
      splitting: false,
      platform: 'node',
      external,
    })
    return gzipSync(readFileSync(join(outDir, 'core.js'))).length / 1000
  } finally {
    rmSync(outDir, { recursive: true })
  }
}
