/**
 * The record that is kept between two runs: the steps that are done, what they found, and what is still changed in the tenant.
 * It holds no token and no secret. Mailgrant itself keeps those, encrypted, in the same folder.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AssumptionId } from '../assumptions.ts'
import type { Change } from './changes.ts'
import type { Entry } from './transcript.ts'

/** One comparison, which holds if both sides are equal. */
export type Finding = { assumption: AssumptionId; expected: string; saw: string }

export type Progress = {
  /** Values of the run that are no secrets, by name. */
  facts: Record<string, string>
  /** Time of each finished step, ISO 8601. */
  done: Record<string, string>
  /** Reason why a step found nothing, by its name. */
  failed: Record<string, string>
  findings: Finding[]
  transcript: Entry[]
  /** Changes that are not undone, the latest last. */
  changed: Change[]
}

const nothing = (): Progress => ({
  facts: {},
  done: {},
  failed: {},
  findings: [],
  transcript: [],
  changed: [],
})

const FILE = 'progress.json'

/** Returns the progress of an earlier run in this folder, or a new one. */
export function readProgress(folder: string): Progress {
  try {
    return JSON.parse(readFileSync(join(folder, FILE), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothing()
    throw error
  }
}

/** Replaces the file as a whole, so that an interruption leaves the old one or the new one. */
export function writeProgress(folder: string, progress: Progress): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fresh = join(folder, `${FILE}.new`)
  writeFileSync(fresh, JSON.stringify(progress, null, 2), { mode: 0o600, flush: true })
  renameSync(fresh, join(folder, FILE))
}

/** Returns the text about a tenant that is still changed; null if it is not. */
export function stillChanged({ changed }: Progress): string | null {
  if (changed.length === 0) return null
  const list = changed.toReversed().map(({ undo }) => `  - ${undo}`)
  return `Still changed in your tenant. npm run acceptance -- --undo goes through it, or do this yourself:\n${list.join('\n')}`
}
