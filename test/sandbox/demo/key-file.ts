/** The key of the demo that runs now, for tools on the same machine: a file of this user's alone. */
import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './wrangler.ts'

const folder = join(root, '.wrangler')
const file = join(folder, 'demo.key')

export async function leaveKey(key: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await rm(file, { force: true })
  await writeFile(file, `${key}\n`, { mode: 0o600 })
}

export const takeKeyBack = (): Promise<void> => rm(file, { force: true })

/** Null while no demo runs. */
export function demoKey(): string | null {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return null
  }
}
