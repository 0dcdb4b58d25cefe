import { defineConfig } from 'vitest/config'

/** In a real Chromium, against the demo. */
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    name: 'browser',
    include: ['test/browser/**/*.test.ts'],
    // One sentence on what is missing, instead of one failure per file.
    globalSetup: 'test/browser/needs.ts',
    // Each file starts a whole demo and a browser; two of them fill a small machine.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000 } },
  },
})
