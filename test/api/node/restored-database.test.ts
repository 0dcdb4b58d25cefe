/** Tests what a restore brings back and what stays ended. */
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import { addAccounts, createDatabase, NOW, runCommandIn, withDatabase } from './database-folder.ts'

const run = (dataDir: string, ...args: string[]) => runCommandIn(dataDir, args)

const change = (path: string, sql: string) => withDatabase(path, (database) => database.exec(sql))

const read = (path: string, sql: string) =>
  withDatabase(path, (database) =>
    database
      .prepare(sql)
      .all()
      .map((row) => Object.values(row)),
  )

const namesOf = (path: string, condition: string) =>
  read(path, `SELECT name FROM api_keys WHERE ${condition} ORDER BY name`).flat()

/** A copy with the keys `good` and `bad`, and the database it was made of. */
function withCopy(prepare: (path: string) => void = () => {}) {
  const folder = createTemporaryFolder()
  const path = createDatabase(folder, ['bad', 'good'])
  prepare(path)
  const copy = join(folder, 'copy.sqlite')
  run(folder, 'backup', copy)
  return { folder, path, copy }
}

it('every restore ends sessions, open sign-ins and links, with an event', () => {
  const { folder, path, copy } = withCopy((file) =>
    change(
      file,
      `INSERT INTO authorizations (id, username, protocols, apply, requested_by, link_hash, status_hash, created_at, expires_at)
        VALUES ('az', 'a@b.c', 'imap', 'on_save', 'root', 'hash', 'hash', 0, 9e15);
      INSERT INTO admin_consents (id, state_hash, tenant, resource, created_at, expires_at)
        VALUES ('ac', 'hash', 'common', 'outlook', 0, 9e15);
      INSERT INTO console_sessions (id_hash, binding_sealed, key_id, created_at, expires_at)
        VALUES ('hash', '', 'root', 0, 9e15)`,
    ),
  )
  expect(run(folder, 'restore', copy)).toContain(
    'Console sessions, open sign-ins and links have ended.',
  )
  const open = (table: string) =>
    `(SELECT count(*) FROM ${table} WHERE expires_at > ${NOW.getTime()})`
  expect(
    read(
      path,
      `SELECT ${open('console_sessions')}, ${open('authorizations')}, ${open('admin_consents')}`,
    ),
  ).toEqual([[0, 0, 0]])
  expect(
    read(path, "SELECT type, actor_type, data FROM events WHERE type = 'database.restored'"),
  ).toEqual([['database.restored', 'system', '{"api_keys_revoked":2}']])
})

it('a restore brings back what was deleted since, and says so', () => {
  const { folder, path, copy } = withCopy((file) => addAccounts(file, ['kept', 'deleted']))
  change(path, "DELETE FROM mail_accounts WHERE id = 'ma_deleted'; DELETE FROM grants")
  expect(run(folder, 'restore', copy)).toContain('What was deleted since then is back, such as')
  expect(
    read(path, 'SELECT mail_accounts.id, refresh_token_sealed FROM mail_accounts JOIN grants'),
  ).toHaveLength(4)
})

describe('the API keys of a copy', () => {
  const listSince = (folder: string, time: number) =>
    writeFileSync(
      join(folder, 'revoked'),
      `# API keys revoked since ${new Date(time).toISOString()}. Keep this file.\n`,
    )

  it.each<[string, (folder: string) => void]>([
    ['is missing', () => {}],
    ['has lost its beginning', (folder) => writeFileSync(join(folder, 'revoked'), '')],
    ['is newer, as after a start without data', (folder) => listSince(folder, 1)],
  ])('are revoked where the list of revocations %s, unless --keep-keys', (_case, prepare) => {
    const { folder, path, copy } = withCopy()
    prepare(folder)
    expect(run(folder, 'restore', copy)).toContain('API keys that this command revoked: 2.')
    expect(namesOf(path, 'revoked_at IS NULL')).toEqual([])
    rmSync(path)
    expect(run(folder, 'restore', copy, '--keep-keys')).toContain('Its API keys work. Revoke')
    expect(namesOf(path, 'revoked_at IS NULL')).toEqual(['bad', 'good'])
  })

  it.each<[string, string, (folder: string) => void]>([
    ['9e15, with no list of revocations', '9e15', () => {}],
    ['9e15', '9e15', (folder) => listSince(folder, 0)],
    ['no number', "'later'", (folder) => listSince(folder, 0)],
    [
      '0, where the beginning of the list is no time',
      '0',
      (folder) => writeFileSync(join(folder, 'revoked'), '# API keys revoked since 9999Z.'),
    ],
  ])('are revoked if their time of creation is %s', (_case, createdAt, prepare) => {
    const { folder, path, copy } = withCopy((file) =>
      change(file, `UPDATE api_keys SET created_at = ${createdAt} WHERE name = 'bad'`),
    )
    prepare(folder)
    run(folder, 'restore', copy)
    expect(namesOf(path, 'revoked_at IS NULL')).not.toContain('bad')
  })

  it('work where the list of revocations is older than they are', () => {
    const { folder, path, copy } = withCopy()
    listSince(folder, 0)
    expect(run(folder, 'restore', copy)).not.toContain('Create new ones')
    expect(namesOf(path, 'revoked_at IS NULL')).toEqual(['bad', 'good'])
  })
})

it('a restore reports the app and the tenant whose administrators the console accepts', () => {
  const { folder, copy } = withCopy((file) =>
    change(
      file,
      "INSERT INTO integrations (id, client_id, home_tenant, home_tenant_id) VALUES ('microsoft', 'app', 'a.test', 'id')",
    ),
  )
  expect(run(folder, 'restore', copy)).toContain('of the app "app" in the tenant "id". If')
})

it('a restore that ended between its two renames is repeated', () => {
  const { folder, path, copy } = withCopy()
  renameSync(path, `${path}.restored`)
  expect(() => run(folder, 'restore', `${path}.restored`)).toThrow('is not a copy')
  run(folder, 'restore', copy)
  expect(namesOf(path, 'TRUE')).toEqual(['bad', 'good'])
  expect(readdirSync(folder).filter((name) => /part|restored/.test(name))).toEqual([])
})
