/**
 * Watches every statement that the product prepares in these tests, so that a new one is noticed without being listed.
 * None may read a table that grows with the deployment from end to end. The plans do not depend on the rows, since
 * neither the product nor D1 runs ANALYZE.
 */
import { getTableName } from 'drizzle-orm'
import { allTables } from '../../api/store/all-tables.ts'
import { rows } from './sql.ts'

/** Tables with a handful of rows, however many mailboxes there are. */
const SMALL = [
  'integrations',
  'webhooks',
  'app_tokens',
  'api_keys',
  'maintenance_tasks',
  'signing_keys',
]

const growing = allTables
  .map((table) => getTableName(table))
  .filter((name) => !SMALL.includes(name))

/** Statements that may read an index or a table from end to end, each with the reason. */
const ALLOWED: readonly { statement: RegExp; reason: string }[] = [
  {
    statement: /^select 1 from "\w+" where \([^()]* is null\) limit \?$/,
    reason: 'With a limit of 0 it reads no row: it only asks whether the columns exist.',
  },
  {
    statement:
      /^select (?:(?! where ).)* order by "\w+"\."(created_at|at)" (desc|asc), "\w+"\."id" \2 limit \?$/s,
    reason: 'The first page of a list without a filter: it stops at its limit.',
  },
  {
    statement:
      /^select .* from "grants"(?: left join "grant_tokens" on .*)? where \("grants"\."saved_at" is not null or "grants"\."expires_at" > \?\) order by "grants"\."created_at" desc, "grants"\."id" desc limit \?$/s,
    reason:
      'The first page of all grants: it stops at its limit, and skips the unsaved ones of an hour.',
  },
  {
    statement:
      /^select (?:count\(\*\) FILTER \(WHERE \S+ = \?\) as "\w+"(?:, )?)+ from (?:"grants" where "grants"\."saved_at" is not null|"webhook_deliveries")$/,
    reason: 'The metrics count every grant and message, in an index.',
  },
  {
    statement: /^select count\(\*\) from "mail_accounts"$/,
    reason:
      'A run of scheduled validations counts the accounts, in an index, to spread them over the period.',
  },
  {
    statement:
      /^select .* from "console_sessions" left join "api_keys" on .* where "console_sessions"\."expires_at" > \? order by "console_sessions"\."created_at" desc, "console_sessions"\."id_hash" desc limit \?$/,
    reason:
      'The first page of open sessions: it stops at its limit, and the maintenance deletes the others.',
  },
  {
    statement: /^select count\(\*\) from "grants" where "grants"\."saved_at" is not null$/,
    reason: 'An admin replaces the credential: the response contains the number of grants.',
  },
]

/** Statements over all accounts. Each may read one index from end to end, or the table as it lies, but see `misreadsOf`. */
const OVER_ACCOUNTS: readonly { statement: RegExp; reason: string }[] = [
  {
    statement:
      /^select .* from "mail_accounts" .* where "mail_accounts"\."id" IN \(SELECT id FROM \(select "id".* limit \?\)\) order by /s,
    reason:
      'A page of accounts. An index in its order is read until enough match, a search reads all; only its rows are read whole.',
  },
  {
    statement:
      /^select count\(\*\), coalesce\(sum\("accounts"\), 0\) from \(select .* group by .*\) "entries"$/s,
    reason: 'The summary counts accounts and those that one owner has twice.',
  },
  {
    statement:
      /^select .* from "mail_accounts" .* where "mail_accounts"\."id" IN \(SELECT id FROM \(select .* from \(select "mailbox", "customer" from \(select lower.* limit \?\) "accounts" group by .* limit \?\) "found" inner join /s,
    reason:
      'A page of mailboxes. The index in their order is read until enough match; only its accounts are read whole.',
  },
  {
    statement:
      /^select "most", count\(\*\) from \(select max\(.* from "mail_accounts".* group by lower/s,
    reason: 'The summary counts mailboxes by health.',
  },
  {
    statement: /^select (count\(\*\) FILTER \(WHERE "urgency" = \?\)(, )?)+ from \(select /,
    reason: 'The summary of duplicates counts by health.',
  },
  {
    statement:
      /^select "authentication", "grant_state", "last_validation_outcome", count\(\*\) FILTER /,
    reason: 'The summary and the metrics count by health.',
  },
  {
    statement: /^select "owner_type", "owner_id", count\(\*\) from "mail_accounts" .*limit \?$/s,
    reason: 'The owners are counted over every account.',
  },
]

/** Columns with few values. The rows with one of them can be most of a table. */
const COARSE =
  /\((?:(?:owner_type|owner_id|protocol|authentication|grant_state|last_validation_outcome|state|type|saved)=\?(?: AND )?)+\)$/

const seen = new Set<string>()
const checked = new Set<string>()

/** Returns the database with each statement noted. */
export const watched = (db: D1Database): D1Database =>
  new Proxy(db, {
    get(target, name) {
      if (name === 'prepare') {
        return (sql: string) => {
          seen.add(sql)
          return target.prepare(sql)
        }
      }
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

type Step = { id: number; parent: number; detail: string }

/** Returns the steps of the statement's plan that read a large table from end to end, or otherwise too much. */
export async function scansOf(sql: string): Promise<string[]> {
  const results = await rows<Step>(
    `EXPLAIN QUERY PLAN ${sql}`,
    ...Array<null>(sql.split('?').length - 1).fill(null),
  )
  const isListed = (list: typeof ALLOWED) => list.some(({ statement }) => statement.test(sql))
  const names = new Set(growing.flatMap((table) => [table, ...aliasesOf(table, sql)]))
  const scans = results
    .map(({ detail }) => detail)
    .filter((step) => names.has(/^SCAN (\S+)/.exec(step)?.[1] ?? ''))
  if (isListed(ALLOWED)) return misreadsOf(results)
  if (!isListed(OVER_ACCOUNTS)) return [...scans, ...misreadsOf(results)]
  // Looking up each row in another order than the table's takes ten times as long. SQLite never calls an index of a
  // generated column covering, so that one is exempt.
  const lookups = scans.filter((step) => / USING INDEX (?!mail_accounts_validated)/.test(step))
  return [...lookups, ...misreadsOf(results)]
}

/**
 * Returns the steps that are repeated for each row of another step and look up their rows only by columns with few
 * values. If most rows have the same value, each repetition reads most of the table.
 */
const misreadsOf = (steps: readonly Step[]): string[] =>
  steps
    .filter(({ detail, parent }, index) => {
      const isRepeated =
        steps.slice(0, index).some((one) => one.parent === parent && / USING /.test(one.detail)) ||
        steps.some(({ id, detail }) => id === parent && detail.startsWith('CORRELATED'))
      return isRepeated && COARSE.test(detail)
    })
    .map(({ detail }) => detail)

const aliasesOf = (table: string, sql: string) =>
  [...sql.matchAll(new RegExp(`"?\\b${table}\\b"?(?: AS)? "?([a-z]\\w*)`, 'g'))].map(
    ([, alias]) => alias,
  )

/** Returns a line for each statement with a scan that was prepared since the last call. */
export async function newScans(): Promise<string[]> {
  const lines: string[] = []
  for (const sql of seen) {
    if (checked.has(sql)) continue
    checked.add(sql)
    const scans = await scansOf(sql)
    if (scans.length > 0) lines.push(`${scans.join('; ')}: ${sql}`)
  }
  return lines
}
