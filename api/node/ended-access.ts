/** Keeps access ended that has ended since a copy of the database was made. */
import type { DatabaseSync } from 'node:sqlite'
import { newId } from '../domain/secrets.ts'
import { columnsOf } from './take-rows.ts'

/** Tables of the present database that `keepEnded` reads. */
export const PRESENT_TABLES = ['api_keys', 'mail_accounts', 'grants', 'integrations']

/**
 * Rows that the present database does not have any more, or only without access after an earlier restore. A repeated
 * restore must not bring their access back.
 */
const COMPARE = `
  CREATE TEMP TABLE gone_keys AS SELECT id FROM main.api_keys
    WHERE id NOT IN (SELECT id FROM present.api_keys);
  CREATE TEMP TABLE gone_accounts AS SELECT id, authentication FROM main.mail_accounts
    WHERE id NOT IN (SELECT id FROM present.mail_accounts held
      WHERE 'app_only' IN (held.authentication, main.mail_accounts.authentication)
        OR held.grant_id IS NOT NULL OR held.password_sealed IS NOT NULL);
  CREATE TEMP TABLE gone_grants AS SELECT id, saved_at FROM main.grants
    WHERE id NOT IN (SELECT id FROM present.grants held WHERE held.refresh_token_sealed IS NOT NULL)`

/** Administrators of the home tenant can sign in to the console, so a changed copy could let in those of another tenant. */
const OTHER_HOME = `
  SELECT client_id AS app, coalesce(home_tenant_id, home_tenant) AS tenant FROM main.integrations AS copied
  WHERE home_tenant IS NOT NULL AND NOT EXISTS (SELECT 1 FROM present.integrations AS held
    WHERE (held.client_id, held.cloud, held.home_tenant) IS (copied.client_id, copied.cloud, copied.home_tenant)
      AND held.home_tenant_id IS copied.home_tenant_id)`

const FORGET_ACCESS_TOKENS = `
  UPDATE grant_tokens SET state = 'reconnect_required', problem_code = 'reconnect_required', problem_detail = ?,
    problem_facts = NULL, problem_since = ?, retry_at = NULL, access_token_sealed = NULL, access_token_expires_at = NULL
  WHERE grant_id IN (SELECT id FROM gone_grants)`
const FORGET_REFRESH_TOKENS = `
  UPDATE grants SET refresh_token_sealed = NULL, previous_refresh_token_sealed = NULL, claims_challenge_sealed = NULL,
    version = version + 1
  WHERE id IN (SELECT id FROM gone_grants)`
const DELETED_SINCE =
  'The database was restored from a copy that is older than the deletion of this sign-in. Sign in again to reconnect.'

const FORGET_ACCOUNTS = `
  DELETE FROM main.mail_accounts WHERE id IN (SELECT id FROM gone_accounts WHERE authentication = 'app_only');
  UPDATE main.mail_accounts SET password_sealed = NULL,
      grant_id = iif(grant_id IN (SELECT id FROM gone_grants), grant_id, NULL)
    WHERE id IN (SELECT id FROM gone_accounts)`

/**
 * Gives a restored database the API keys of the one that it replaces, the file `present`. Accounts and sign-ins that
 * are not there any more stay without tokens, and app-only accounts, which have none, stay deleted. Returns lines for
 * the operator.
 */
export function keepEnded(
  database: DatabaseSync,
  present: string,
  withDeleted: boolean,
  now: Date,
): string[] {
  database.prepare('ATTACH ? AS present').run(present)
  database.exec(COMPARE)
  const columns = columnsOf(database, 'api_keys').join()
  database.exec('DELETE FROM main.api_keys WHERE id NOT IN (SELECT id FROM gone_keys)')
  const insert = `INSERT INTO main.api_keys (${columns}) SELECT ${columns} FROM present.api_keys`
  database.exec(insert)
  if (!withDeleted) {
    database.exec('DELETE FROM main.api_keys WHERE id IN (SELECT id FROM gone_keys)')
    database.prepare(FORGET_ACCESS_TOKENS).run(DELETED_SINCE, now.getTime())
    database.exec(FORGET_REFRESH_TOKENS)
    database.exec(FORGET_ACCOUNTS)
  }
  return [
    'The API keys are those of the replaced database.',
    ...database
      .prepare(OTHER_HOME)
      .all()
      .map(
        ({ app, tenant }) =>
          `The replaced database had another app or home tenant. Now the console accepts administrators of the app ${JSON.stringify(app)} in the tenant ${JSON.stringify(tenant)}. If you don't recognise both, use another copy.`,
      ),
    ...GONE.flatMap(([things, happened, rows]) => {
      const count = database.prepare(rows).all().length
      const what = withDeleted
        ? 'came back'
        : `${happened}; with --with-deleted they come back whole`
      return count === 0
        ? []
        : [`${things} that the replaced database did not have any more ${what}: ${count}.`]
    }),
  ]
}

/** Kinds of access that are gone, with what happens to them and the query for their rows. */
const GONE = [
  ['API keys', 'were left out', 'SELECT id FROM gone_keys'],
  [
    'Email accounts',
    'came back without a sign-in or password',
    "SELECT id FROM gone_accounts WHERE authentication <> 'app_only'",
  ],
  [
    'App-only email accounts',
    'were left out',
    "SELECT id FROM gone_accounts WHERE authentication = 'app_only'",
  ],
  ['Sign-ins', 'came back without tokens', 'SELECT id FROM gone_grants WHERE saved_at IS NOT NULL'],
] as const

/** Revokes every key of a database that no other one confirms. Returns how many. */
export const revokeAllKeys = (database: DatabaseSync, now: Date): number =>
  Number(
    database
      .prepare('UPDATE api_keys SET revoked_at = ? WHERE revoked_at IS NULL')
      .run(now.getTime()).changes,
  )

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))

/** Ends all console sessions, open sign-ins and links, and writes the event of the restore. */
export function endOpenAccess(database: DatabaseSync, revokedKeys: number, now: Date): void {
  const time = now.getTime()
  database.exec('DELETE FROM console_sessions')
  database
    .prepare(
      "UPDATE authorizations SET expires_at = :time WHERE status = 'pending' AND expires_at > :time",
    )
    .run({ time })
  database
    .prepare(
      'UPDATE admin_consents SET expires_at = :time WHERE succeeded_at IS NULL AND expires_at > :time',
    )
    .run({ time })
  database
    .prepare(
      "INSERT INTO events (id, type, at, actor_type, data) VALUES (?, 'database.restored', ?, 'system', ?)",
    )
    .run(newId('event', random), time, JSON.stringify({ api_keys_revoked: revokedKeys }))
}
