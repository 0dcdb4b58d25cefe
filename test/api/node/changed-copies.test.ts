/** Copies and dumps that were changed. `restore` and `import` refuse some of them, and accept others. */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, vi } from 'vitest'
import { runFromCommandLine } from '../../../api/node/commands.ts'
import { StartFailure } from '../../../api/node/failures.ts'
import type { Migration } from '../../../api/node/migrations.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import {
  accountNames,
  addAccounts,
  createDatabase,
  MIGRATIONS,
  runCommandIn as run,
  withDatabase,
} from './database-folder.ts'

const NEXT: Migration = {
  name: '0001_next.sql',
  sql: 'ALTER TABLE `webhooks` ADD `next` text; CREATE TABLE `nexts` (`id` text);',
}
/** Never ends. */
const ENDLESS = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n'

/** Returns the sentence with which the command is refused. */
function refusalOf(dataDir: string, args: readonly string[]): string {
  try {
    return `not refused: ${run(dataDir, args)}`
  } catch (error) {
    if (error instanceof StartFailure) return error.message
    throw error
  }
}

/** Creates a database with the account `present`, and a copy with the account `copied` that `change` changes. */
function changedCopy(change: string | ((file: string) => void)) {
  const folder = createTemporaryFolder()
  const path = createDatabase(folder)
  addAccounts(path, ['copied'])
  const copy = join(folder, 'copy.sqlite')
  run(folder, ['backup', copy])
  addAccounts(path, ['present'])
  if (typeof change === 'string') changeBySql(copy, change)
  else change(copy)
  return { folder, path, copy }
}

function changeBySql(file: string, sql: string): void {
  const database = new DatabaseSync(file, { defensive: false })
  database.exec(sql)
  database.close()
}

describe('a copy that was changed is refused by name, and nothing happens', () => {
  it.each<[string, string | ((file: string) => void), RegExp]>([
    [
      'a trigger that undoes revocations',
      'CREATE TRIGGER undo AFTER UPDATE ON api_keys BEGIN UPDATE api_keys SET revoked_at = NULL; END',
      /it differs in the trigger "undo"\. Nothing was taken from it\. Use a copy from before/,
    ],
    ['a view that never ends', `CREATE VIEW v AS ${ENDLESS}`, /differs in the view "v"/],
    [
      'a table that is now a view that never ends',
      `DROP TABLE webhooks; CREATE VIEW webhooks AS ${ENDLESS}`,
      /differs in the view "webhooks", the table "webhooks"/,
    ],
    [
      'a list of migrations that is now a view that never ends',
      `DROP TABLE d1_migrations; CREATE VIEW d1_migrations (name, id) AS SELECT i, i FROM (${ENDLESS})`,
      /is not a Mailgrant database/,
    ],
    ['an extra table', 'CREATE TABLE notes (a); INSERT INTO notes VALUES (1)', /the table "notes"/],
    [
      'a name that moves the cursor of a terminal',
      'CREATE TABLE "\u001b[2J" (a)',
      /the table "\\u001b\[2J"/,
    ],
    ['an extra index', 'CREATE INDEX i ON grants (scopes)', /the index "i"/],
    ['an extra column', 'ALTER TABLE api_keys ADD x', /the table "api_keys"/],
    [
      'a generated column',
      'ALTER TABLE grants ADD x AS (length(zeroblob(1000000000)))',
      /the table "grants"/,
    ],
    [
      'another default',
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '''active''', '''blocked''')",
      /the table "grant_tokens"/,
    ],
    ['a trigger less', 'DROP TRIGGER grants_deleted', /the trigger "grants_deleted"/],
    ['an index less', 'DROP INDEX grants_created', /the index "grants_created"/],
    [
      'a newer version',
      `${NEXT.sql}; INSERT INTO d1_migrations (name) VALUES ('${NEXT.name}')`,
      /does not have its migration "0001_next.sql"\. If a newer version made the file, install that/,
    ],
    [
      'the migration of another program',
      "UPDATE d1_migrations SET name = '0000_other.sql'",
      /does not have its migration "0000_other.sql"/,
    ],
    ['no migration', 'DELETE FROM d1_migrations', /it differs in the table/],
    [
      'a page that is damaged',
      (file) => writeFileSync(file, readFileSync(file).fill(0x5a, 40_960)),
      /is damaged, or is no SQLite database\. Nothing was taken from it\. Use another copy/,
    ],
    [
      'the rows of another table in place of its own',
      `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage =
        (SELECT rootpage FROM sqlite_schema WHERE name = 'grants') WHERE name = 'api_keys'`,
      /is damaged/,
    ],
    ['half of the file', (file) => truncateSync(file, 100_000), /is damaged/],
    ['a text', (file) => writeFileSync(file, 'text'.repeat(1000)), /is damaged, or is no SQLite/],
    ['an empty file', (file) => writeFileSync(file, ''), /is not a Mailgrant database/],
  ])('%s', (_case, change, sentence) => {
    const { folder, path, copy } = changedCopy(change)
    expect(refusalOf(folder, ['restore', copy])).toMatch(sentence)
    expect(accountNames(path)).toEqual(['copied', 'present'])
    expect(readdirSync(folder).filter((name) => /restored|part|replaced/.test(name))).toEqual([])
  })
})

it('a terminal gets no control character of a name, of whatever kind', () => {
  const { folder, copy } = changedCopy('CREATE TABLE "\u001b[2J\u009b2J\u007f\u202e" (a)')
  vi.stubEnv('DATA_DIR', folder)
  const printed = vi.spyOn(console, 'error').mockReturnValue()
  try {
    expect(runFromCommandLine(MIGRATIONS, 'restore', [copy])).toBe(1)
    expect(printed.mock.lastCall?.[0]).toContain(
      String.raw`the table "\u001b[2J\u{9b}2J\u{7f}\u{202e}"`,
    )
  } finally {
    printed.mockRestore()
    vi.unstubAllEnvs()
  }
})

describe('a copy that is restored', () => {
  it('of an older version gets the later migrations, after its rows', () => {
    const { folder, path, copy } = changedCopy('')
    run(folder, ['restore', copy], { migrations: [...MIGRATIONS, NEXT] })
    const read = (sql: string) => withDatabase(path, (database) => database.prepare(sql).all())
    expect(accountNames(path)).toEqual(['copied'])
    expect(read('SELECT * FROM nexts')).toEqual([])
    expect(read('SELECT name FROM d1_migrations ORDER BY id').map(({ name }) => name)).toEqual(
      [...MIGRATIONS, NEXT].map(({ name }) => name),
    )
  })

  it('has the rows of the copy byte by byte, is counted once, and has all triggers', () => {
    const { folder, path, copy } = changedCopy(`
      INSERT INTO validations (id, mail_account_id, saved, fingerprint, outcome, protocol, host, port, security,
          identity, steps, warnings, duration_ms, checked_at)
        VALUES ('va_1', 'ma_copied', 1, '', 'passed', 'imap', 'h', 993, 'tls', 'a', '[]', '[]', 1, 86400000);
      INSERT INTO idempotency_records (id, body_hash, status, response_sealed, created_at, expires_at) VALUES
        ('text', 'it''s', 9007199254740993, char(0, 10, 13, 128231), 1, 2.5), ('bytes', '', NULL, x'00ff', 1, -1)`)
    const tables = [
      'daily_counts',
      'validations',
      'idempotency_records',
      'mail_accounts',
      'grants',
      'grant_tokens',
    ]
    const read = (file: string) =>
      withDatabase(file, (database) =>
        tables.map((table) => {
          const statement = database.prepare(`SELECT * FROM ${table}`)
          statement.setReadBigInts(true)
          return statement.all()
        }),
      )
    const before = read(copy)
    run(folder, ['restore', copy])
    expect(read(path)).toEqual(before)
    const schemaOf = (file: string) =>
      withDatabase(file, (database) =>
        database
          .prepare(
            "SELECT type, name, sql FROM sqlite_schema WHERE name <> 'sqlite_stat1' ORDER BY type, name",
          )
          .all(),
      )
    expect(schemaOf(path)).toEqual(schemaOf(copy))
  })
})

describe('a dump', () => {
  /** Creates a dump with the account `dumped`, which `change` changes. */
  function changedDump(change: (sql: string) => string) {
    const folder = createTemporaryFolder()
    addAccounts(createDatabase(folder), ['dumped'])
    const file = join(folder, 'dump.sql')
    run(folder, ['export', file])
    writeFileSync(file, change(readFileSync(file, 'utf8')))
    return { target: createTemporaryFolder(), file }
  }

  it.each<[string, (sql: string) => string, RegExp]>([
    [
      'with an extra trigger',
      (sql) => `${sql}CREATE TRIGGER undo AFTER UPDATE ON api_keys BEGIN\nSELECT 1;\nEND;\n`,
      /the trigger "undo"/,
    ],
    [
      'with a second statement behind the first one of a line',
      (sql) => sql.replace(/(CREATE INDEX `grants_created` .*);/, '$1; DROP TABLE grants;'),
      /line \d+ failed \(no such table: main\.grants/,
    ],
    [
      'with rows of an unknown table',
      (sql) => `${sql}INSERT INTO notes VALUES (1);\n`,
      /line \d+ failed \(no such table: notes \(SQLite error 1\)\)\. Nothing was imported\. Export/,
    ],
    [
      'with a statement that never ends',
      (sql) => `${sql}INSERT INTO api_keys (id) ${ENDLESS};\n`,
      /line \d+ failed \(not authorized \(SQLite error 23\)\)/,
    ],
    [
      'with a value that is larger than any row',
      (sql) => `${sql}INSERT INTO api_keys (id) VALUES (hex(zeroblob(900000000)));\n`,
      /line \d+ failed \(string or blob too big \(SQLite error 18\)\)/,
    ],
    [
      'with a line that never ends',
      (sql) => `INSERT INTO grants (id) VALUES ('${'x'.repeat(8_000_000)}');\n${sql}`,
      /the statement of line 1 has more than 6000000 characters/,
    ],
    [
      'with a statement whose lines never end',
      (sql) => `${sql}INSERT INTO grants (id) VALUES ('${'x\n'.repeat(4_000_000)}`,
      /the statement of line \d+ has more than 6000000 characters/,
    ],
    [
      'with a migration that is computed',
      (sql) => `${sql}INSERT INTO d1_migrations (name) SELECT i FROM (${ENDLESS});\n`,
      /line \d+ failed \(not authorized/,
    ],
    [
      'with a later migration that was not applied',
      (sql) => `${sql}INSERT OR IGNORE INTO d1_migrations (name) VALUES ('${NEXT.name}');\n`,
      /does not have its migration "0001_next.sql"/,
    ],
    ['that names another file', (sql) => `${sql}ATTACH 'x.sqlite' AS x;\n`, /not authorized/],
    ['that writes another file', (sql) => `${sql}VACUUM INTO 'x.sqlite';\n`, /line \d+ failed/],
    [
      'that uses an extension',
      (sql) => `${sql}CREATE VIRTUAL TABLE notes USING fts5 (a);\n`,
      /not authorized/,
    ],
    [
      'with a trigger before the rows that it reads',
      (sql) =>
        `${sql.replace(/(?=^INSERT INTO "grants")/m, 'CREATE TEMP TRIGGER t AFTER INSERT ON grants BEGIN SELECT 1; END;\n')}`,
      /line \d+ failed \(not authorized/,
    ],
  ])('%s is refused', (_case, change, sentence) => {
    const { target, file } = changedDump(change)
    expect(refusalOf(target, ['import', file])).toMatch(sentence)
    expect(readdirSync(target).filter((name) => name.startsWith('mailgrant'))).toEqual([])
  })

  it('of D1 is taken with what D1 and SQLite add to it', () => {
    const { target, file } = changedDump(
      (sql) =>
        `${sql
          .replace(/^PRAGMA.*\n/, 'PRAGMA defer_foreign_keys=TRUE;\n')
          .replace('CREATE TABLE "d1_migrations"', 'CREATE TABLE IF NOT EXISTS "d1_migrations"')}
ANALYZE sqlite_schema;
INSERT INTO "sqlite_stat1" ("tbl","idx","stat") VALUES('grants','grants_created','1 1');
DELETE FROM sqlite_sequence;
INSERT INTO "sqlite_sequence" ("name","seq") VALUES('d1_migrations',1);
`,
    )
    expect(run(target, ['import', file])).toContain('Imported 1 email account, 1 grant')
    expect(accountNames(join(target, 'mailgrant.sqlite'))).toEqual(['dumped'])
  })
})
