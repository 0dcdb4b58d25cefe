/**
 * Runs Stryker, on the given files or on all of its configuration. Installs it when it is missing. Options
 * go to Stryker: `--testFiles=test/checker/secure.test.ts` runs those tests only, which is much faster, but
 * never activates a mutant of code that runs at import: check the ones marked "Ran all tests" without it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const folder = import.meta.dirname

function run(command: string, args: string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

if (!existsSync(join(folder, 'node_modules'))) {
  // npm is a script with another name on Windows; it says itself where it is.
  const npm = process.env.npm_execpath ?? 'npm'
  run(process.execPath, [npm, 'ci', '--prefix', folder, '--no-audit', '--no-fund'])
}

const args = process.argv.slice(2)
const options = args.filter((arg) => arg.startsWith('-'))
const files = args.filter((arg) => !arg.startsWith('-'))
run(process.execPath, [
  join(folder, 'node_modules/@stryker-mutator/core/bin/stryker.js'),
  'run',
  join(folder, 'stryker.config.ts'),
  ...(files.length > 0 ? ['--mutate', files.join(',')] : []),
  ...options,
])
