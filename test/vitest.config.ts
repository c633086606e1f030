import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: {
    alias: {
      'typedmq/observability': fileURLToPath(new URL('../src/observability/index.ts', import.meta.url)),
      'typedmq/discovery': fileURLToPath(new URL('../src/discovery/index.ts', import.meta.url)),
      typedmq: fileURLToPath(new URL('../src/index.ts', import.meta.url)),
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Most tests wait for other processes: every core may run one file.
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    typecheck: { enabled: false },
  },
})
