import { defineConfig } from 'vitest/config'
import { testedRuntime } from '../sandbox/demo/runtime.ts'

/** Runs tests against third-party servers: oidc-provider, Dovecot, Postfix. */
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    name: 'interop',
    include: ['test/interop/**/*.test.ts'],
    // These reach the product over HTTP only, so one runtime suffices. They change times in the file of SQLite.
    exclude:
      testedRuntime() === 'edge'
        ? ['test/interop/mail-programs/mail-programs.test.ts', 'test/interop/workers.test.ts']
        : [],
    // Reports a missing program once, instead of in each file.
    globalSetup: ['test/interop/requirements.ts', 'test/interop/mail-programs/packages.ts'],
    // Each file starts several servers, so run one file at a time on a small machine.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The in-memory store is intended here.
    onConsoleLog: (log) => !log.includes('development-only in-memory adapter'),
  },
})
