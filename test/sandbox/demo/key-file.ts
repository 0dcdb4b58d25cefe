/** The root API key of the running demo, in a file that only this user can read. */
import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './child.ts'

const folder = join(root, '.wrangler')
const file = join(folder, 'demo.key')

export async function writeKeyFile(key: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await rm(file, { force: true })
  await writeFile(file, `${key}\n`, { mode: 0o600 })
}

export const removeKeyFile = (): Promise<void> => rm(file, { force: true })

/** Reads the key; null while no demo is running. */
export function demoKey(): string | null {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return null
  }
}
