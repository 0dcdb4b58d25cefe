import { defineConfig } from 'vitest/config'
import { buildAssets } from '../api/build.ts'
import { patience, provide, root, sqlite } from './projects.ts'
import { RuntimeCounts } from './runtime-counts.ts'

await buildAssets()

/** The tests that need neither workerd nor other processes. Mutation testing runs these too. */
export default defineConfig({
  root,
  test: {
    maxWorkers: 2,
    reporters: ['default', new RuntimeCounts()],
    projects: [
      sqlite,
      {
        root,
        test: {
          ...patience,
          name: 'node',
          // One process for all files: most of the time went into importing the same code again.
          isolate: false,
          provide,
          include: [
            'test/{acceptance,api/node,checker,schema,sandbox}/**/*.test.ts',
            'test/*.test.ts',
          ],
          // Tests that start processes, or take half a minute.
          exclude: [
            'test/{build,node-version,setup*-scripts}.test.ts',
            'test/api/node/{bundled-worker,mailgrant-token,token-endpoint.clients}.test.ts',
            'test/checker/main.test.ts',
            '**/*.process.test.ts',
            'test/sandbox/demo/**',
          ],
        },
      },
    ],
  },
})
