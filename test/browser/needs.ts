/** What has to be installed, said clearly before anything starts. */
import { existsSync } from 'node:fs'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Throws, so that a test run without a browser fails rather than passing by skipping. */
export function requireChromium(): string {
  const found = PLACES.find(existsSync)
  if (found === undefined) {
    throw new Error(
      'These tests need Chromium. On Debian: apt-get install --no-install-recommends chromium',
    )
  }
  return found
}

/** Vitest calls it before the first file; an error ends the run. */
export const setup = (): void => void requireChromium()
