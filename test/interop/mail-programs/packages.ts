/** Selects the recipes to run, and checks that their packages are installed. */
import { spawnSync } from 'node:child_process'
import { type Recipe, readRecipes } from './recipe.ts'

/** One program for each way of using a token; the others take minutes more. */
const ALWAYS = ['curl', 'isync', 'msmtp', 'offlineimap3', 'python']

/** Returns the recipes to run: those of ALWAYS, or all with MAIL_PROGRAMS=all. */
export function recipesToRun(): Recipe[] {
  const all = process.env.MAIL_PROGRAMS === 'all'
  return readRecipes().filter(({ name }) => all || ALWAYS.includes(name))
}

/** Returns the version of an installed Debian package, or null. */
function installedVersion(name: string): string | null {
  const format = `\${db:Status-Status} \${Version}`
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', format, name], { encoding: 'utf8' })
  const [status, version] = (stdout ?? '').split(' ')
  return status === 'installed' ? (version ?? null) : null
}

export const versionOf = ({ packages: [main = ''] }: Recipe): string =>
  installedVersion(main) ?? '?'

/** Runs before the first test file (Vitest's global setup). Throws if a package is missing. */
export function setup(): void {
  const packages = recipesToRun().flatMap((recipe) => recipe.packages)
  const missing = ['ca-certificates', ...packages].filter((name) => installedVersion(name) === null)
  if (missing.length > 0) {
    throw new Error(
      `The mail programs need: apt-get install --no-install-recommends ${missing.join(' ')}`,
    )
  }
  if (spawnSync('unshare', ['--mount', 'mount', '--bind', '/etc', '/etc']).status !== 0) {
    throw new Error(
      'The mail programs run in a mount namespace. A container needs --cap-add SYS_ADMIN --security-opt apparmor=unconfined.',
    )
  }
}
