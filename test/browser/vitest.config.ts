import { defineConfig } from 'vitest/config'
import { full, provide } from '../projects.ts'

/**
 * Tests of all that a person needs to connect a mailbox. FULL=true adds every other page and state, all looks and
 * widths, and the sweeps by keyboard.
 */
const EVERY_COMMIT = [
  'account-form',
  'alerts',
  'api-keys',
  'checks',
  'connect-types',
  'connect',
  'docs',
  'graph',
  'hosted-pages',
  'microsoft-setup',
  'reference-flow',
]

/** The pages in a real Chromium, against the demo. */
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    name: 'browser',
    provide,
    include: [`test/browser/${full ? '*' : `{${EVERY_COMMIT.join(',')}}`}.test.ts`],
    // Reports a missing browser once, instead of one failure per file.
    globalSetup: 'test/browser/requirements.ts',
    // Each file starts a whole demo and a browser, so two are enough for a small machine.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000 } },
  },
})
