import { defineConfig } from 'vitest/config'
import { testedRuntime } from '../sandbox/demo/runtime.ts'

/** Runs tests against third-party servers: oidc-provider, Dovecot, Postfix. */
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    name: 'interop',
    include: ['test/interop/**/*.test.ts'],
    exclude: [
      // These tests change times in SQLite's file. They reach the product over HTTP only, or not at all, so one
      // runtime is enough.
      ...(testedRuntime() === 'edge'
        ? [
            'test/interop/mail-programs/mail-programs.test.ts',
            'test/interop/workers.test.ts',
            'test/interop/witnesses/**',
          ]
        : []),
      ...(process.env.MAIL_PROGRAMS === 'all'
        ? []
        : ['test/interop/witnesses/mutt-oauth2.test.ts']),
    ],
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
