import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { buildAssets } from '../api/build.ts'
import { full, patience, provide, root, SLOW_TESTS, sqlite, workerdTests } from './projects.ts'
import { RuntimeCounts } from './runtime-counts.ts'

/** Same values as in wrangler.toml. */
const assets = {
  directory: `${root}.assets`,
  binding: 'ASSETS',
  run_worker_first: true,
  assetConfig: { html_handling: 'none', not_found_handling: 'none' },
} as const
await buildAssets()

/**
 * Three projects: `workerd` and `sqlite` run the API's tests on its two runtimes, `node` everything that opens sockets
 * or starts processes. FULL=true adds tests that not every commit needs (projects.ts).
 */
export default defineConfig({
  root,
  test: {
    // Files that start processes mostly wait: two at once pay off even on two cores.
    maxWorkers: 2,
    reporters: ['default', new RuntimeCounts()],
    projects: [
      {
        root,
        plugins: [
          cloudflareTest(async () => ({
            main: './api/worker.ts',
            miniflare: {
              assets,
              compatibilityDate: '2026-11-01',
              compatibilityFlags: ['nodejs_compat'],
              d1Databases: ['DB'],
              ratelimits: {
                RATE_FAILED_AUTHENTICATION: {
                  namespace_id: '1',
                  simple: { limit: 2, period: 60 },
                },
              },
              bindings: {
                MIGRATIONS: await readD1Migrations(`${root}schema/d1/migrations`),
              },
              outboundService: () => new Response('the network is off', { status: 599 }),
            },
          })),
        ],
        // One isolate for all files: five times faster than one per file. No state survives a test in
        // it, since every world creates its own services and empties the database first.
        test: {
          ...patience,
          name: 'workerd',
          isolate: false,
          setupFiles: 'test/api/setup.ts',
          provide,
          include: workerdTests(),
        },
      },
      sqlite,
      {
        root,
        test: {
          ...patience,
          name: 'node',
          // One process for all files: most of the time went into importing the same code again.
          isolate: false,
          include: [
            'test/{acceptance,api/node,checker,schema,sandbox,journeys}/**/*.test.ts',
            'test/*.test.ts',
          ],
          provide,
          exclude: full ? [] : SLOW_TESTS,
        },
      },
    ],
  },
})
