/** What the library adds to a bundle, its dependencies not counted. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'tsup'
import { ROOT } from '../build.ts'
import type { Scenario } from '../scenario.ts'

export const packageSize: Scenario = {
  name: 'size',
  about: 'Size of the core as one file, minified and gzipped, dependencies not counted.',
  systems: ['typedmq'],
  transports: [],
  sizes: [],
  cases: () => [
    {
      transport: null,
      size: null,
      async measure(system) {
        const directory = system.name.split('@')[1] ?? ROOT
        const outDir = mkdtempSync(join(tmpdir(), 'typedmq-size-'))
        try {
          await build({
            config: false,
            silent: true,
            entry: { core: join(directory, 'dist/index.js') },
            outDir,
            format: 'esm',
            minify: true,
            splitting: false,
            platform: 'node',
          })
          return { KB: gzipSync(readFileSync(join(outDir, 'core.js'))).length / 1000 }
        } finally {
          rmSync(outDir, { recursive: true })
        }
      },
    },
  ],
}
