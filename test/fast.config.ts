import { defineConfig } from 'vitest/config'
import { buildAssets } from '../api/build.ts'

const root = new URL('..', import.meta.url).pathname
const substitute = (name: string) => `${root}test/api/node/cloudflare-${name}.ts`
await buildAssets()

/** The tests that need neither workerd nor other processes. Mutation testing runs these too. */
export default defineConfig({
  root,
  test: {
    maxWorkers: 2,
    projects: [
      {
        root,
        // The Worker's tests in Node, on D1's interface over node:sqlite.
        resolve: {
          alias: {
            'cloudflare:workers': substitute('workers'),
            'cloudflare:test': substitute('test'),
          },
        },
        test: {
          name: 'sqlite',
          isolate: false,
          setupFiles: ['test/api/node/setup.ts', 'test/api/query-plans.setup.ts'],
          include: ['test/api/**/*.test.{ts,tsx}'],
          exclude: [
            'test/api/node/**',
            // About the Worker's entry and its bindings.
            'test/api/worker.test.ts',
            'test/api/routes/assets.test.ts',
          ],
        },
      },
      {
        root,
        test: {
          name: 'node',
          include: ['test/{api/node,checker,schema,sandbox}/**/*.test.ts', 'test/*.test.ts'],
          // These start processes.
          exclude: [
            'test/{build,openapi}.test.ts',
            'test/checker/main.test.ts',
            '**/*.process.test.ts',
            'test/sandbox/demo/**',
          ],
        },
      },
    ],
  },
})
