/** Installs the tools of this folder, which have a lock file of their own, when they are missing. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const folder = import.meta.dirname

/** Runs a script of Node. Ends this process if it fails. */
export function run(script: string, ...args: string[]): void {
  const { status, error } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

export function installTools(): void {
  if (existsSync(join(folder, 'node_modules'))) return
  // npm is a script with another name on Windows, so its path comes from the variable that it sets.
  const npm = process.env.npm_execpath ?? 'npm'
  run(npm, 'ci', '--prefix', folder, '--no-audit', '--no-fund')
}

export const toolPath = (path: string) => join(folder, 'node_modules', path)
