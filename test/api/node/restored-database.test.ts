/** Tests what a restore brings back and what stays ended, with and without the database that it replaces. */
import { copyFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import {
  addAccounts,
  addKeys,
  createDatabase,
  NOW,
  runCommandIn,
  withDatabase,
} from './database-folder.ts'

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

const replacedIn = (folder: string) =>
  join(folder, readdirSync(folder).find((name) => name.includes('-replaced-')) ?? '')

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
  ).toEqual([['database.restored', 'system', '{"api_keys_revoked":0}']])
})

describe('API keys, where the replaced database can be read,', () => {
  it('are its own: revoked ones stay revoked, new ones work, and a changed row of the copy counts for nothing', () => {
    const { folder, path, copy } = withCopy()
    addKeys(path, ['new'])
    change(path, "UPDATE api_keys SET revoked_at = 1 WHERE name = 'bad'")
    change(copy, "UPDATE api_keys SET scopes = 'admin' WHERE name = 'good'")
    addKeys(copy, ['planted'])
    const output = run(folder, 'restore', copy, '--keep-keys')
    expect(output).toContain(
      'API keys that the replaced database did not have any more were left out; with --with-deleted they come back whole: 1.',
    )
    expect(output).toContain('--keep-keys had no effect')
    expect(namesOf(path, 'revoked_at IS NULL')).toEqual(['good', 'new'])
    expect(namesOf(path, 'revoked_at IS NOT NULL')).toEqual(['bad'])
    expect(namesOf(path, "scopes = 'admin'")).toEqual([])
  })

  it('that it does not have come back with --with-deleted, as after a start without data', () => {
    const { copy } = withCopy()
    const folder = createTemporaryFolder()
    const path = createDatabase(folder)
    run(folder, 'restore', copy)
    expect(namesOf(path, 'TRUE')).toEqual([])
    expect(run(folder, 'restore', copy, '--with-deleted')).toContain('any more came back: 2.')
    expect(namesOf(path, 'revoked_at IS NULL')).toEqual(['bad', 'good'])
  })

  it('count even if the server was killed and its last changes are in the WAL', () => {
    const { folder, path, copy } = withCopy()
    withDatabase(path, (server) => {
      server.exec('PRAGMA journal_mode = WAL; UPDATE api_keys SET revoked_at = 1')
      run(folder, 'restore', copy)
    })
    expect(namesOf(path, 'revoked_at IS NULL')).toEqual([])
  })
})

describe('API keys, where no database can be compared with,', () => {
  it.each<[string, (path: string) => void, string]>([
    [
      'because there is none',
      (path) => renameSync(path, `${path}.lost`),
      'There was no database at',
    ],
    [
      'because it is damaged',
      (path) => writeFileSync(path, 'x'.repeat(9000)),
      'is damaged, or is no',
    ],
  ])('%s, are revoked unless --keep-keys', (_case, spoil, reason) => {
    for (const [options, valid, sentence] of [
      [[], [], 'All 2 API keys of the copy were revoked: create new ones. To keep them, move'],
      [['--keep-keys'], ['bad', 'good'], 'The API keys in the copy work. Revoke those'],
    ] as const) {
      const { folder, path, copy } = withCopy()
      spoil(path)
      const output = run(folder, 'restore', copy, ...options)
      expect(output).toContain(reason)
      expect(output).toContain(sentence)
      expect(namesOf(path, 'revoked_at IS NULL')).toEqual(valid)
      expect(readdirSync(folder).filter((name) => /present|part|restored/.test(name))).toEqual([])
    }
  })
})

describe('a restore', () => {
  it.each<[string, string, string]>([
    ['has another index', 'CREATE INDEX i ON grants (scopes)', 'the index "i" was added'],
    [
      'is from a newer version',
      "INSERT INTO d1_migrations (name) VALUES ('9999_next.sql')",
      'is from a newer Mailgrant version',
    ],
  ])('is refused with what to do where the present database %s', (_case, sql, reason) => {
    const { folder, path, copy } = withCopy()
    change(path, sql)
    const restore = () => run(folder, 'restore', copy)
    expect(restore).toThrow(reason)
    expect(restore).toThrow('Move it away and repeat this command')
    expect(namesOf(path, 'revoked_at IS NULL')).toEqual(['bad', 'good'])
    expect(readdirSync(folder).filter((name) => /present|part|restored/.test(name))).toEqual([])
  })

  it('reports the app and the tenant whose administrators the console accepts, if the copy has others', () => {
    const { folder, copy } = withCopy((file) =>
      change(
        file,
        "INSERT INTO integrations (id, client_id, home_tenant, home_tenant_id) VALUES ('microsoft', 'app', 'a.test', 'id')",
      ),
    )
    const second = join(folder, 'second')
    copyFileSync(copy, second)
    expect(run(folder, 'restore', copy)).not.toContain('administrators')
    change(second, "UPDATE integrations SET home_tenant_id = 'other'")
    rmSync(replacedIn(folder))
    expect(run(folder, 'restore', second)).toContain('of the app "app" in the tenant "other". If')
  })

  it('that ended between its two renames is finished by the next one, which still knows the keys', () => {
    const { folder, path, copy } = withCopy()
    change(path, "UPDATE api_keys SET revoked_at = 1 WHERE name = 'bad'")
    run(folder, 'restore', copy)
    renameSync(path, `${path}.restored`)
    const second = join(folder, 'second')
    renameSync(copy, second)
    expect(run(folder, 'restore', second)).toContain('API keys are those of the replaced database')
    expect(namesOf(path, 'revoked_at IS NULL')).toEqual(['good'])
    renameSync(path, `${path}.restored`)
    expect(run(folder, 'restore', `${path}.restored`)).toContain('is complete')
    expect(namesOf(path, 'revoked_at IS NULL')).toEqual(['good'])
  })
})

describe('email accounts and sign-ins that were deleted since', () => {
  /**
   * Creates a copy and its database, from which accounts and sign-ins of every kind were deleted after the copy was
   * made.
   */
  function withDeleted() {
    const world = withCopy((file) => {
      addAccounts(file, ['kept', 'gone', 'reconnected', 'detached'])
      change(
        file,
        `INSERT INTO mail_accounts (id, owner_type, protocol, host, port, security, username, authentication,
            password_sealed, tenant, created_at, updated_at) VALUES
          ('ma_password', 'global', 'imap', 'h', 993, 'tls', 'password', 'password', 'sealed', NULL, 0, 0),
          ('ma_app', 'global', 'imap', 'h', 993, 'tls', 'app', 'app_only', NULL, 'tenant', 0, 0)`,
      )
    })
    change(
      world.path,
      `DELETE FROM mail_accounts WHERE id IN ('ma_gone', 'ma_detached', 'ma_password', 'ma_app');
      DELETE FROM grants WHERE id IN ('gr_gone', 'gr_reconnected');
      UPDATE mail_accounts SET grant_id = 'gr_kept' WHERE id = 'ma_reconnected'`,
    )
    return world
  }
  const accounts = (path: string) =>
    read(path, 'SELECT id, grant_id, grant_state, password_sealed FROM mail_accounts ORDER BY id')
  const grants = (path: string) =>
    read(
      path,
      `SELECT id, grants.state, refresh_token_sealed, access_token_sealed, access_token_expires_at
       FROM grants JOIN grant_tokens ON grant_id = id ORDER BY id`,
    )
  const whole = (id: string) => [id, 'active', 'refresh token', 'access token', 9e15]
  const empty = (id: string) => [id, 'reconnect_required', null, null, null]

  it.each(['once', 'twice'])(
    'come back without tokens and passwords, and are counted; app-only accounts stay deleted: restored %s',
    (times) => {
      const { folder, path, copy } = withDeleted()
      const file = join(folder, 'again')
      if (times === 'twice') run(folder, 'restore', copy)
      renameSync(copy, file)
      if (times === 'twice') renameSync(replacedIn(folder), join(folder, 'first'))
      const output = run(folder, 'restore', file)
      expect(accounts(path)).toEqual([
        ['ma_detached', null, null, null],
        ['ma_gone', 'gr_gone', 'reconnect_required', null],
        ['ma_kept', 'gr_kept', 'active', null],
        ['ma_password', null, null, null],
        ['ma_reconnected', 'gr_reconnected', 'reconnect_required', null],
      ])
      expect(grants(path)).toEqual([
        whole('gr_detached'),
        empty('gr_gone'),
        whole('gr_kept'),
        empty('gr_reconnected'),
      ])
      for (const line of [
        /^Email accounts that .* without a sign-in or password; with --with-deleted they come back whole: [23]\.$/m,
        /^App-only email accounts that .* were left out; .*: 1\.$/m,
        /^Sign-ins that .* without tokens; .*: 2\.$/m,
      ])
        expect(output).toMatch(line)
      const problem =
        "SELECT problem_code, problem_detail FROM grant_tokens WHERE grant_id = 'gr_gone'"
      expect(read(path, problem)).toEqual([
        ['reconnect_required', expect.stringContaining('Sign in again to reconnect')],
      ])
    },
  )

  it.each(['with --with-deleted at once', 'with --with-deleted in a second restore'])(
    'come back whole %s',
    (times) => {
      const { folder, path, copy } = withDeleted()
      if (times.includes('second')) run(folder, 'restore', copy)
      const second = join(folder, 'second')
      renameSync(copy, second)
      const output = run(folder, 'restore', second, '--with-deleted')
      expect(accounts(path)).toEqual([
        ['ma_app', null, null, null],
        ['ma_detached', 'gr_detached', 'active', null],
        ['ma_gone', 'gr_gone', 'active', null],
        ['ma_kept', 'gr_kept', 'active', null],
        ['ma_password', null, null, 'sealed'],
        ['ma_reconnected', 'gr_reconnected', 'active', null],
      ])
      expect(grants(path)).toEqual(
        ['gr_detached', 'gr_gone', 'gr_kept', 'gr_reconnected'].map(whole),
      )
      expect(output).toMatch(/^App-only email accounts that .* any more came back: 1\.$/m)
    },
  )

  it('come back whole where there is no database to compare with', () => {
    const { folder, path, copy } = withDeleted()
    renameSync(path, `${path}.lost`)
    run(folder, 'restore', copy)
    expect(grants(path)).toEqual(['gr_detached', 'gr_gone', 'gr_kept', 'gr_reconnected'].map(whole))
  })
})
