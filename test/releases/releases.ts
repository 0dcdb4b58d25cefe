/** Databases of released versions, and what they hold. */
import type { KeyRing } from '../../schema/settings.ts'

/** What a test expects of the database of a release. */
export type ReleaseFacts = {
  /** When it was stored; the access tokens are valid then. */
  now: string
  /** Accounts, and the SHA-256 of the access token that each is handed. */
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
