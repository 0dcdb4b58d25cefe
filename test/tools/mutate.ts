/** Runs Stryker, on the given files or on all of its configuration. Installs it when it is missing. */
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

const files = process.argv.slice(2)
run(process.execPath, [
  join(folder, 'node_modules/@stryker-mutator/core/bin/stryker.js'),
  'run',
  join(folder, 'stryker.config.ts'),
  ...(files.length > 0 ? ['--mutate', files.join(',')] : []),
])
