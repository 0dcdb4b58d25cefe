/**
 * Databases of released versions and their contents, from this folder or from the one in the environment variable
 * RELEASES.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KeyRing } from '../../schema/settings.ts'

/** Facts that a test expects of the database of a release. */
export type ReleaseFacts = {
  /** Time at which it was stored, when its access tokens were valid. */
  now: string
  /** Accounts, and the SHA-256 of the access token that each is issued. */
  accounts: { id: string; token_hash: string }[]
  /** Rows of each table. */
  rows: Record<string, number>
}

export type Release = { version: string; facts: ReleaseFacts }

/** Test keys: the same for all releases, so that one test opens all. */
export const RELEASE_KEYS = `release-test:${Buffer.alloc(32, 7).toString('base64')}`

const encryptionKeys: KeyRing = [{ kid: 'release-test', key: new Uint8Array(32).fill(7) }]

export const releaseSettings = {
  encryptionKeys,
  extraMailServers: [
    { protocol: 'imap' as const, host: 'imap.contoso.test', port: 993, security: 'tls' as const },
  ],
}

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
