import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { buildAssets } from '../api/build.ts'

const root = new URL('..', import.meta.url).pathname

/** Same values as in wrangler.toml. */
const assets = {
  directory: `${root}.assets`,
  binding: 'ASSETS',
  run_worker_first: true,
  assetConfig: { html_handling: 'none', not_found_handling: 'none' },
} as const
await buildAssets()

/** Two projects: `workerd` runs the Worker's code on real D1, `node` everything that opens sockets. */
export default defineConfig({
  root,
  test: {
    // Files that start processes mostly wait: two at once pay off even on two cores.
    maxWorkers: 2,
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
              bindings: { MIGRATIONS: await readD1Migrations(`${root}schema/d1/migrations`) },
              outboundService: () => new Response('the network is off', { status: 599 }),
            },
          })),
        ],
        // One isolate for all files: five times faster than one per file. No state survives a test in
        // it, since every world creates its own services and empties the database first.
        test: {
          name: 'workerd',
          isolate: false,
          setupFiles: 'test/api/query-plans.setup.ts',
          include: ['test/api/**/*.test.{ts,tsx}'],
          exclude: ['test/api/node/**'],
        },
      },
      {
        root,
        test: {
          name: 'node',
          include: [
            'test/{api/node,checker,schema,sandbox,journeys}/**/*.test.ts',
            'test/*.test.ts',
          ],
        },
      },
    ],
  },
})
