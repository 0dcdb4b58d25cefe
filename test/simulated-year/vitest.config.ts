import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { buildAssets } from '../../api/build.ts'
import { root, sqlite } from '../projects.ts'

await buildAssets()

const files = { include: ['test/simulated-year/**/*.test.ts'], testTimeout: 60 * 60_000 }

/** A simulated month or year of operation, on both runtimes. Too slow for the default tests. */
export default defineConfig({
  root,
  test: {
    maxWorkers: 2,
    projects: [
      {
        root,
        plugins: [
          cloudflareTest(async () => ({
            main: './api/worker.ts',
            miniflare: {
              compatibilityDate: '2026-11-01',
              compatibilityFlags: ['nodejs_compat'],
              d1Databases: ['DB'],
              bindings: { MIGRATIONS: await readD1Migrations(`${root}schema/d1/migrations`) },
              outboundService: () => new Response('the network is off', { status: 599 }),
            },
          })),
        ],
        test: { name: 'workerd', ...files },
      },
      {
        root,
        resolve: sqlite.resolve ?? {},
        test: { name: 'sqlite', setupFiles: 'test/api/node/setup.ts', ...files },
      },
    ],
  },
})
