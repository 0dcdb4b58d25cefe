/** Reads the databases of released versions from this folder, or from the folder RELEASES. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Release, ReleaseFacts } from './releases.ts'

const folder = process.env.RELEASES ?? import.meta.dirname

export const sqlFileOf = (version: string): string => join(folder, `${version}.sql`)

export const readReleases = (): Release[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.replace(/\.sql$/, ''))
    .map((version) => ({
      version,
      facts: JSON.parse(readFileSync(join(folder, `${version}.json`), 'utf8')) as ReleaseFacts,
    }))
