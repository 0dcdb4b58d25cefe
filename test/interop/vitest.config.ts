import { defineConfig } from 'vitest/config'

/** Against parts that nobody here wrote: oidc-provider, Dovecot, Postfix. */
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    name: 'interop',
    include: ['test/interop/**/*.test.ts'],
    // One sentence on what is missing, instead of one failure per file.
    globalSetup: 'test/interop/needs.ts',
    // Each file starts whole servers; one world at a time is enough for a small machine.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Its store in memory is just what is wanted here.
    onConsoleLog: (log) => !log.includes('development-only in-memory adapter'),
  },
})
