/** Reads the databases of released versions from this folder. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readStatements } from '../../api/node/d1-dump.ts'
import type { Release, ReleaseFacts } from './releases.ts'

const folder = import.meta.dirname

export const sqlFileOf = (version: string): string => join(folder, `${version}.sql`)

export const readReleases = (): Release[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.replace(/\.sql$/, ''))
    .map((version) => ({
      version,
      statements: [...readStatements(sqlFileOf(version))].map(({ sql }) => sql.trim()),
      facts: JSON.parse(readFileSync(join(folder, `${version}.json`), 'utf8')) as ReleaseFacts,
    }))
