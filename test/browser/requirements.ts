/** Checks for the required programs before any test starts. */
import { existsSync } from 'node:fs'

const PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Returns the path of Chromium. Throws without it, so that the run fails instead of skipping tests. */
export function requireChromium(): string {
  const found = PATHS.find(existsSync)
  if (found === undefined) {
    throw new Error(
      'These tests need Chromium. On Debian: apt-get install --no-install-recommends chromium',
    )
  }
  return found
}

/** Runs before the first test file; an error ends the run. */
export const setup = (): void => void requireChromium()
