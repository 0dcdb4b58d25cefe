/** The projects that both configurations of Vitest have, and the tests that run on one runtime only. */
import type { TestProjectInlineConfiguration } from 'vitest/config'

export const root = new URL('..', import.meta.url).pathname

export const API_TESTS = 'test/api/**/*.test.{ts,tsx}'

/** The API's tests that the other runtime cannot run, by file, with the reason. All others run on both. */
export const ONE_RUNTIME_ONLY: Record<string, { runtime: 'workerd' | 'node'; reason: string }> = {
  'test/api/worker.test.ts': {
    runtime: 'workerd',
    reason: "tests the Worker's entry: bindings, rate limiters and scheduled events",
  },
  'test/api/node/**': {
    runtime: 'node',
    reason: "tests the own server's entry: files, sockets, processes and SQLite itself",
  },
}

/** Tests in Node that take minutes of CPU time, for code that seldom changes: a plain `.ci/run` leaves them out. */
export const SLOW_TESTS = [
  'test/api/node/first-start.process.test.ts',
  'test/d1-backup.process.test.ts',
]

/** Returns the files that do not run on this runtime. */
export const excludedOn = (runtime: 'workerd' | 'node'): string[] =>
  Object.keys(ONE_RUNTIME_ONLY).filter((file) => ONE_RUNTIME_ONLY[file]?.runtime !== runtime)

/**
 * Limits that only a hang exceeds, in milliseconds: Vitest's own 5 s (1 s
 * for what is polled) are too little for a machine that does other things beside the tests.
 */
export const patience = {
  testTimeout: 30_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 20_000 } },
}

const substitute = (name: string) => `${root}test/api/node/cloudflare-${name}.ts`

/** The API's tests in Node, on D1's interface over node:sqlite. */
export const sqlite: TestProjectInlineConfiguration = {
  root,
  resolve: {
    alias: {
      'cloudflare:workers': substitute('workers'),
      'cloudflare:test': substitute('test'),
    },
  },
  test: {
    ...patience,
    name: 'sqlite',
    isolate: false,
    setupFiles: ['test/api/node/setup.ts', 'test/api/setup.ts'],
    include: [API_TESTS],
    // Those of the own server run in the project `node`, without substitutes.
    exclude: [...excludedOn('node'), 'test/api/node/**'],
  },
}
