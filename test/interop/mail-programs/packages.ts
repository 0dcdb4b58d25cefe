/** Selects the recipes to run, and checks that their packages are installed. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Recipe, readRecipes } from './recipe.ts'
import { UNPACKED } from './system.ts'
import { compileGo, removeGoCache } from './user-home.ts'

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

/** Returns the version of the package that was unpacked, from its list of changes. */
function unpackedVersion(name: string): string {
  const changes = gunzipSync(
    readFileSync(join(UNPACKED, `usr/share/doc/${name}/changelog.Debian.gz`)),
  )
  return /\((\S+)\)/.exec(changes.toString())?.[1] ?? '?'
}

/** Returns the version of the recipe's first package. */
export function versionOf({ name, packages: [main = ''], npmPackage }: Recipe): string {
  if (name === 'exim') return unpackedVersion('exim4-daemon-light')
  if (npmPackage === '') return installedVersion(main) ?? '?'
  const file = new URL(`../../../node_modules/${npmPackage}/package.json`, import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** Runs before the first test file (Vitest's global setup). Throws if a package is missing. */
export function setup(): void {
  const recipes = recipesToRun()
  const packages = recipes.flatMap((recipe) => recipe.packages)
  const missing = ['ca-certificates', 'php-cli', 'python3', ...packages].filter(
    (name) => installedVersion(name) === null,
  )
  if (missing.length > 0) {
    throw new Error(
      `The mail programs and workers need: apt-get install --no-install-recommends ${missing.join(' ')}`,
    )
  }
  if (recipes.some(({ name }) => name === 'exim') && !existsSync(UNPACKED)) {
    throw new Error(
      `Exim is missing: unpack Debian's exim4-daemon-light with dpkg-deb -x into ${UNPACKED}.`,
    )
  }
  if (spawnSync('unshare', ['--mount', 'mount', '--bind', '/etc', '/etc']).status !== 0) {
    throw new Error(
      'The mail programs run in a mount namespace. A container needs --cap-add SYS_ADMIN --security-opt apparmor=unconfined.',
    )
  }
  if (packages.includes('golang-go')) compileGo()
}

/** Runs after the last test file. */
export const teardown = removeGoCache
