/**
 * Watches every statement that the product prepares in these tests, so that a new one is noticed without
 * being listed: none may read a table that grows with the deployment from end to end. The plans do not
 * depend on the rows, since neither the product nor D1 runs ANALYZE.
 */
import { env } from 'cloudflare:workers'
import { getTableName } from 'drizzle-orm'
import { allTables } from '../../api/store/all-tables.ts'

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
      /^select .* from "grants" where \("grants"\."saved_at" is not null or "grants"\."expires_at" > \?\) order by "grants"\."created_at" desc, "grants"\."id" desc limit \?$/s,
    reason:
      'The first page of all grants: it stops at its limit, and skips the unsaved ones of an hour.',
  },
  {
    statement:
      /^select .* as "urgency" from "mail_accounts" .* order by (lower\("mail_accounts"\."username"\)|"mail_accounts"\."validated_at") (asc|desc), "mail_accounts"\."created_at" \2, "mail_accounts"\."id" \2 limit \?$/s,
    reason: 'A list in the order of an index: it stops when enough rows have met the filters.',
  },
  {
    statement: /^select .* as "urgency" from "mail_accounts" .* WHERE instr\(lower\(.* limit \?$/s,
    reason: 'A search for a part of a text, which no index has.',
  },
  {
    statement: /^select count\(\*\), count\(distinct "mailbox"\).* as "urgency", .*\) "accounts"$/s,
    reason: 'The summary counts every account.',
  },
  {
    statement:
      /^select CASE .* as "urgency", count\(\*\) as "accounts" from "mail_accounts" .* group by urgency$/s,
    reason: 'The metrics count every account.',
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
    reason: 'An admin replaces the credential: the answer names the number of grants.',
  },
  {
    statement: /^select "owner_type", "owner_id", count\(\*\) from "mail_accounts" .*limit \?$/s,
    reason: 'The owners are counted over every account.',
  },
  {
    statement:
      /^select .* as "urgency" from "mail_accounts" .*EXISTS \(SELECT 1 FROM "mail_accounts" "other".* limit \?$/s,
    reason: 'Duplicates are looked for among all accounts, each by the index of its mailbox.',
  },
]

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

/** Returns the steps of the statement's plan that read a large table from end to end. */
export async function scansOf(sql: string): Promise<string[]> {
  if (ALLOWED.some(({ statement }) => statement.test(sql))) return []
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...Array<null>(sql.split('?').length - 1).fill(null))
    .all<{ detail: string }>()
  const names = new Set(growing.flatMap((table) => [table, ...aliasesOf(table, sql)]))
  return results
    .map(({ detail }) => detail)
    .filter((step) => names.has(/^SCAN (\S+)/.exec(step)?.[1] ?? ''))
}

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
