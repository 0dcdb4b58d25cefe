import { defineConfig } from 'vitest/config'
import { buildAssets } from '../../api/build.ts'
import { root, sqlite } from '../projects.ts'

await buildAssets()

/** `npm run release-data` stores the database of a release, and opens those of all releases with this version. */
export default defineConfig({
  root,
  resolve: sqlite.resolve ?? {},
  test: {
    name: 'release-data',
    setupFiles: 'test/api/node/setup.ts',
    include: ['test/releases/{make-release,upgrade.test}.ts'],
    testTimeout: 60_000,
  },
})
