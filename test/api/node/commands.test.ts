import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { StartFailure } from '../../../api/node/failures.ts'
import { lockFolder } from '../../../api/node/lock.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import {
  accountNames,
  addAccounts,
  createDatabase,
  keyNames,
  NOW,
  runCommandIn,
  withDatabase,
} from './database-folder.ts'

const run = (dataDir: string, ...args: string[]) => runCommandIn(dataDir, args)

/** Returns every row of every table but the events. */
function rowsOf(path: string) {
  return withDatabase(path, (database) => {
    const tables = database
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'events' ORDER BY name",
      )
      .all()
    return tables.map(({ name }) => {
      const sql = `SELECT * FROM ${name}`
      return [name, database.prepare(sql).all()]
    })
  })
}

const schemaOf = (path: string) =>
  withDatabase(path, (database) =>
    database
      .prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY name")
      .all(),
  )

describe('npm run backup', () => {
  it.each([[[]], [['a', 'b']]])('shows its usage for the arguments %j', (args) => {
    expect(() => run(createTemporaryFolder(), 'backup', ...args)).toThrow(
      /^Usage: npm run backup -- FILE/,
    )
  })
})

it('a scheduled copy is made once in its interval', () => {
  const folder = createTemporaryFolder()
  createDatabase(folder)
  const isMade = () => JSON.parse(run(folder, 'scheduled-copy', join(folder, 'copies'))).made
  expect([isMade(), isMade()]).toEqual([true, false])
})

describe('npm run restore', () => {
  function withCopy() {
    const folder = createTemporaryFolder()
    const path = createDatabase(folder)
    addAccounts(path, ['early'])
    const copy = join(folder, 'copy.sqlite')
    run(folder, 'backup', copy)
    addAccounts(path, ['late'])
    return { folder, path, copy }
  }

  /** Leaves the last changes in the write-ahead log, as a killed server does. An open connection keeps them there. */
  function withKilledServer() {
    const { folder, path, copy } = withCopy()
    const server = new DatabaseSync(path)
    server.exec('PRAGMA journal_mode = WAL; SELECT * FROM api_keys')
    addAccounts(path, ['last'])
    onTestFinished(() => server.close())
    return { folder, path, copy }
  }

  it('puts the copy in place and keeps the database that it replaces', () => {
    const { folder, path, copy } = withCopy()
    const output = run(folder, 'restore', copy)
    expect(output).toMatch(/^Restored 1 email account, 1 grant and 0 API keys/)
    expect(accountNames(path)).toEqual(['early'])
    const replaced = join(folder, 'mailgrant-replaced-20261126T030000000Z.sqlite')
    expect(output).toContain(replaced)
    expect(accountNames(replaced)).toEqual(['early', 'late'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(accountNames(copy)).toEqual(['early'])
  })

  it('puts back a replaced database with the last changes of its killed server', () => {
    const { folder, path, copy } = withKilledServer()
    run(folder, 'restore', copy)
    const replaced = readdirSync(folder).find((name) => /-replaced-.*sqlite$/.test(name)) ?? ''
    expect(existsSync(join(folder, `${replaced}-wal`))).toBe(true)
    const later = { now: () => new Date(NOW.getTime() + 60_000) }
    runCommandIn(folder, ['restore', join(folder, replaced)], later)
    expect(accountNames(path)).toEqual(['early', 'last', 'late'])
  })

  it('leaves the last changes of a killed server with a database that cannot be moved', () => {
    const { folder, path, copy } = withKilledServer()
    mkdirSync(join(folder, 'mailgrant-replaced-20261126T030000000Z.sqlite'))
    expect(() => run(folder, 'restore', copy)).toThrow()
    expect(readdirSync(folder)).toContain('mailgrant.sqlite-wal')
    expect(accountNames(path)).toEqual(['early', 'last', 'late'])
  })

  it('is refused for the database itself, a missing file and a damaged one', () => {
    const { folder, path, copy } = withCopy()
    const damaged = join(folder, 'damaged.sqlite')
    writeFileSync(damaged, readFileSync(copy).fill(0x5a, 4096))
    for (const [file, sentence] of [
      [path, /is not a copy/],
      [join(folder, 'nothing'), /is not a copy/],
      [damaged, /is damaged/],
    ] as const) {
      expect(() => run(folder, 'restore', file)).toThrow(StartFailure)
      expect(() => run(folder, 'restore', file)).toThrow(sentence)
    }
    expect(accountNames(path)).toEqual(['early', 'late'])
    expect(readdirSync(folder).filter((name) => /restored|part|replaced/.test(name))).toEqual([])
  })
})

describe('an export and its import', () => {
  const strange = `it's; \n"quoted"\r\n\\n -- %s \u{1f4e7} END;\n`

  function exported() {
    const folder = createTemporaryFolder()
    const path = createDatabase(folder, ['worker'])
    withDatabase(path, (database) => {
      database.prepare('UPDATE api_keys SET name = ?').run(strange)
      const insert = database.prepare(
        "INSERT INTO idempotency_records (id, body_hash, status, response_sealed, created_at, expires_at) VALUES (?, '', 201, ?, 1, 2.5)",
      )
      insert.run('long', `${'\u{1f4e7}\n'.repeat(100_000)}end`)
      insert.run('none', null)
      // A trigger counts this validation. The import must copy the count without running the trigger again.
      database.exec(`INSERT INTO mail_accounts (id, owner_type, protocol, host, port, security, username,
          authentication, created_at, updated_at)
        VALUES ('ma_1', 'global', 'imap', 'h', 993, 'tls', 'a@contoso.test', 'password', 0, 0)`)
      database.exec(`INSERT INTO validations (id, mail_account_id, saved, fingerprint, outcome, protocol, host,
          port, security, identity, steps, warnings, duration_ms, checked_at)
        VALUES ('va_1', 'ma_1', 1, '', 'passed', 'imap', 'h', 993, 'tls', 'a', '[]', '[]', 1, 86400000)`)
    })
    const file = join(folder, 'export.sql')
    run(folder, 'export', file)
    return { folder, path, file }
  }

  it('are the same database, but for replies that are too long for D1', () => {
    const { path, file } = exported()
    const other = createTemporaryFolder()
    const output = run(other, 'import', file, '--keep-keys')
    expect(output).toMatch(/^Imported 1 email account, 0 grants and 1 API key/)
    expect(output).toContain('ENCRYPTION_KEYS')
    const imported = join(other, 'mailgrant.sqlite')
    const counts = withDatabase(imported, (database) =>
      database.prepare('SELECT subject, passed FROM daily_counts ORDER BY subject').all(),
    )
    expect(counts).toMatchObject([
      { subject: 'all', passed: 1 },
      { subject: 'ma_1', passed: 1 },
    ])
    withDatabase(path, (database) =>
      database.exec("DELETE FROM idempotency_records WHERE id = 'long'"),
    )
    expect(rowsOf(imported)).toEqual(rowsOf(path))
    expect(schemaOf(imported)).toEqual(schemaOf(path))
    expect(statSync(imported).mode & 0o777).toBe(0o600)
  })

  it('fit the limits of D1, and hold no transaction', () => {
    const { file } = exported()
    const text = readFileSync(file, 'utf8')
    const longest = Math.max(...text.split(';\n').map((sql) => Buffer.byteLength(sql)))
    expect(longest).toBeLessThan(100_000)
    expect(text).not.toMatch(/BEGIN TRANSACTION|COMMIT/)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('are refused while the server runs', () => {
    const { folder, file } = exported()
    const server = lockFolder(folder)
    for (const name of ['export', 'import']) {
      expect(() => run(folder, name, name === 'export' ? join(folder, 'x.sql') : file)).toThrow(
        /another Mailgrant is running/,
      )
    }
    server.release()
  })
})

describe('an import', () => {
  it.each([
    ['of a file that is missing', null, /There is no file/],
    ['of a file that is cut', 'CREATE TABLE t (\n a\n', /ends within the statement of line 1/],
    ['of another database', 'CREATE TABLE t (a);\n', /is not a Mailgrant database/],
  ])('%s leaves nothing behind', (_case, sql, sentence) => {
    const folder = createTemporaryFolder()
    const file = join(createTemporaryFolder(), 'dump.sql')
    if (sql !== null) writeFileSync(file, sql)
    expect(() => run(folder, 'import', file)).toThrow(sentence)
    expect(readdirSync(folder).filter((name) => name.startsWith('mailgrant'))).toEqual([])
  })

  it('never replaces a database', () => {
    const folder = createTemporaryFolder()
    createDatabase(folder, ['precious'])
    const file = join(folder, 'dump.sql')
    writeFileSync(file, 'CREATE TABLE t (a);\n')
    expect(() => run(folder, 'import', file)).toThrow('exists and is not overwritten')
    expect(keyNames(join(folder, 'mailgrant.sqlite'))).toEqual(['precious'])
  })
})
