import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

const root = new URL('../..', import.meta.url).pathname

/** A simulated month or year of operation. Too slow for the default tests. */
export default defineConfig({
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
  test: { name: 'year', include: ['test/year/**/*.test.ts'], testTimeout: 20 * 60_000 },
})
