import { defineConfig } from 'vitest/config'

/** The pages in a real Chromium, against the demo. */
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    name: 'browser',
    include: ['test/browser/**/*.test.ts'],
    // Reports a missing browser once, instead of one failure per file.
    globalSetup: 'test/browser/needs.ts',
    // Each file starts a whole demo and a browser: two are enough for a small machine.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000 } },
  },
})
