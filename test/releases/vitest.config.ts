import { defineConfig } from 'vitest/config'
import { root, sqlite } from '../projects.ts'

/** Not a test: `npm run release-data` stores the database of a release. */
export default defineConfig({
  root,
  resolve: sqlite.resolve ?? {},
  test: {
    name: 'release-data',
    setupFiles: 'test/api/node/setup.ts',
    include: ['test/releases/make-release.ts'],
    testTimeout: 60_000,
  },
})
