import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { StorageError } from '../../../api/model/storage-error.ts'
import { copyDatabase } from '../../../api/node/copy-database.ts'
import { openDatabaseFile } from '../../../api/node/database.ts'
import {
  moveStaleWal,
  refuseMissingDatabase,
  settleDatabase,
} from '../../../api/node/restored-copy.ts'
import { createRevocationRecorder, readRevocations } from '../../../api/node/revocations.ts'
import { StartFailure } from '../../../api/node/start-failure.ts'
import { createStore } from '../../../api/store/store.ts'
import type { KeyRing } from '../../../schema/settings.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import {
  addKeys,
  createDatabase,
  keyId,
  keyNames,
  MIGRATIONS,
  withDatabase,
} from './database-folder.ts'

const now = new Date('2026-11-26T03:00:00.000Z')
const ring: KeyRing = [{ kid: 'k1', key: new Uint8Array(32) }]

/** Does what a start does with the database before the first request. */
async function start(databaseFile: string, dataDir: string) {
  moveStaleWal(databaseFile)
  const file = openDatabaseFile(databaseFile, MIGRATIONS)
  const services = {
    store: createStore(file.d1, ring),
    now: () => now,
    random: (n: number) => crypto.getRandomValues(new Uint8Array(n)),
  }
  try {
    return await settleDatabase(services, { databaseFile, dataDir })
  } finally {
    file.close()
  }
}

/** Creates a folder whose database a server has opened. */
async function startedFolder(names: readonly string[]) {
  const folder = createTemporaryFolder()
  const path = createDatabase(folder, names)
  expect(await start(path, folder)).toBeNull()
  return { folder, path, copy: join(folder, 'copy.sqlite') }
}

/** Revokes the key as the running server does. */
async function revoke(folder: string, path: string, name: string) {
  await createRevocationRecorder(folder, () => now)(keyId(name))
  withDatabase(path, (database) =>
    database.prepare('UPDATE api_keys SET revoked_at = 1 WHERE name = ?').run(name),
  )
}

/** Adds a session, a sign-in link and a link to an admin. */
const openAccess = (path: string) =>
  withDatabase(path, (database) =>
    database.exec(`
      INSERT INTO console_sessions (id_hash, key_id, key_hash, created_at, expires_at)
        VALUES ('hash', 'root', 'hash', 0, 9e15);
      INSERT INTO authorizations (id, username, protocols, apply, requested_by, link_hash, status_hash, created_at, expires_at)
        VALUES ('az', 'a@b.c', 'imap', 'on_save', 'root', 'hash', 'hash', 0, 9e15);
      INSERT INTO admin_consents (id, state_hash, tenant, created_at, expires_at)
        VALUES ('ac', 'hash', 'common', 0, 9e15)`),
  )

const countOpen = (path: string) =>
  withDatabase(path, (database) =>
    Number(
      database
        .prepare(`SELECT (SELECT count(*) FROM console_sessions)
          + (SELECT count(*) FROM authorizations WHERE expires_at > ${now.getTime()})
          + (SELECT count(*) FROM admin_consents WHERE expires_at > ${now.getTime()}) AS open`)
        .get()?.open,
    ),
  )

const namesWhere = (path: string, condition: 'revoked' | 'to review') =>
  withDatabase(path, (database) =>
    database
      .prepare(
        condition === 'revoked'
          ? 'SELECT name FROM api_keys WHERE revoked_at IS NOT NULL ORDER BY name'
          : 'SELECT name FROM api_keys WHERE needs_review = 1 ORDER BY name',
      )
      .all()
      .map(({ name }) => name),
  )

describe('a start on the same database as before', () => {
  it('changes nothing', async () => {
    const { folder, path } = await startedFolder(['worker'])
    openAccess(path)
    await revoke(folder, path, 'worker')
    const before = readFileSync(join(folder, 'revoked'), 'utf8')
    expect(await start(path, folder)).toBeNull()
    expect(countOpen(path)).toBe(3)
    expect(namesWhere(path, 'to review')).toEqual([])
    expect(readFileSync(join(folder, 'revoked'), 'utf8')).toBe(before)
  })

  it('completes a revocation that a crash has interrupted', async () => {
    const { folder, path } = await startedFolder(['worker', 'other'])
    await createRevocationRecorder(folder, () => now)(keyId('worker'))
    expect(await start(path, folder)).toBeNull()
    expect(namesWhere(path, 'revoked')).toEqual(['worker'])
  })
})

describe('a start on a restored copy', () => {
  it('ends sessions and links, and brings back no key that was revoked since', async () => {
    const { folder, path, copy } = await startedFolder(['bad', 'good'])
    openAccess(path)
    copyDatabase(path, copy, now)
    await revoke(folder, path, 'bad')
    copyFileSync(copy, path)

    expect(await start(path, folder)).toEqual({ copiedAt: now, reviewKeys: false })
    expect(countOpen(path)).toBe(0)
    expect(namesWhere(path, 'revoked')).toEqual(['bad'])
    expect(namesWhere(path, 'to review')).toEqual([])
    expect(await start(path, folder)).toBeNull()
  })

  it('asks for a review of all keys on another machine, once', async () => {
    const { path, copy } = await startedFolder(['a', 'b'])
    copyDatabase(path, copy, now)
    const other = createTemporaryFolder()
    const moved = join(other, 'mailgrant.sqlite')
    copyFileSync(copy, moved)
    expect(await start(moved, other)).toEqual({ copiedAt: now, reviewKeys: true })
    expect(namesWhere(moved, 'to review')).toEqual(['a', 'b'])
    expect(await start(moved, other)).toBeNull()
  })

  it('does not take the revocations of another database for its own', async () => {
    const { path, copy } = await startedFolder(['a'])
    copyDatabase(path, copy, now)
    const other = await startedFolder(['b'])
    await revoke(other.folder, other.path, 'b')
    copyFileSync(copy, other.path)
    expect(await start(other.path, other.folder)).toMatchObject({ reviewKeys: true })
    expect(namesWhere(other.path, 'to review')).toEqual(['a'])
    const aside = readdirSync(other.folder).find((name) => name.startsWith('revoked.before-'))
    expect(readFileSync(join(other.folder, aside ?? ''), 'utf8')).toContain(keyId('b'))
  })

  it('asks again when the same foreign copy is restored twice', async () => {
    const { path, copy } = await startedFolder(['a'])
    copyDatabase(path, copy, now)
    const other = createTemporaryFolder()
    const moved = join(other, 'mailgrant.sqlite')
    for (let times = 0; times < 2; times += 1) {
      copyFileSync(copy, moved)
      expect(await start(moved, other)).toMatchObject({ reviewKeys: true })
    }
  })

  it('knows the revocations of a moved folder if they came along', async () => {
    const { folder, path, copy } = await startedFolder(['bad', 'good'])
    copyDatabase(path, copy, now)
    await revoke(folder, path, 'bad')
    const other = createTemporaryFolder()
    copyFileSync(join(folder, 'revoked'), join(other, 'revoked'))
    copyFileSync(copy, join(other, 'mailgrant.sqlite'))
    const moved = join(other, 'mailgrant.sqlite')
    expect(await start(moved, other)).toMatchObject({ reviewKeys: false })
    expect(namesWhere(moved, 'revoked')).toEqual(['bad'])
  })

  it('does all of it again after a crash in between', async () => {
    const { folder, path, copy } = await startedFolder(['a'])
    copyDatabase(path, copy, now)
    copyFileSync(copy, path)
    rmSync(join(folder, 'revoked'))
    expect(await start(path, folder)).toMatchObject({ reviewKeys: true })
    // The new list of revocations was not written any more.
    rmSync(join(folder, 'revoked'))
    expect(await start(path, folder)).toMatchObject({ copiedAt: null, reviewKeys: true })
  })
})

it('a start with a lost list of revocations asks for a review, even if the database is no copy', async () => {
  const { folder, path } = await startedFolder(['a'])
  rmSync(join(folder, 'revoked'))
  expect(await start(path, folder)).toEqual({ copiedAt: null, reviewKeys: true })
  expect(namesWhere(path, 'to review')).toEqual(['a'])
})

describe('the WAL of a killed server', () => {
  /** Leaves a WAL behind that holds a key named `late`. */
  async function killedServer() {
    const world = await startedFolder(['early'])
    copyDatabase(world.path, world.copy, now)
    const server = new DatabaseSync(world.path)
    onTestFinished(() => server.close())
    server.exec('SELECT * FROM api_keys')
    addKeys(world.path, ['late'])
    const saved = ['', '-wal'].map((end) => [end, readFileSync(`${world.path}${end}`)] as const)
    for (const [end, bytes] of saved)
      writeFileSync(join(world.folder, `killed.sqlite${end}`), bytes)
    return { ...world, killed: join(world.folder, 'killed.sqlite') }
  }

  it('is applied to its own database', async () => {
    const { killed } = await killedServer()
    expect(statSync(`${killed}-wal`).size).toBeGreaterThan(0)
    expect(moveStaleWal(killed)).toBeNull()
    expect(keyNames(killed)).toEqual(['early', 'late'])
  })

  it('stays if it is empty, as a reader of a stopped server leaves it', async () => {
    const { copy } = await killedServer()
    writeFileSync(`${copy}-wal`, '')
    expect(moveStaleWal(copy)).toBeNull()
    expect(keyNames(copy)).toEqual(['early'])
  })

  it('is moved away from a copy that has replaced it', async () => {
    const { copy, killed } = await killedServer()
    copyFileSync(copy, killed)
    expect(moveStaleWal(killed)).toBe(`${killed}-wal.replaced`)
    expect(existsSync(`${killed}-wal.replaced`)).toBe(true)
    expect(keyNames(killed)).toEqual(['early'])
  })
})

describe('a start without its database', () => {
  const refusal = (path: string, folder: string) => {
    expect(() => refuseMissingDatabase(path, folder)).toThrow(StartFailure)
    expect(() => refuseMissingDatabase(path, folder)).toThrow(/ is missing or empty, but there was/)
  }

  it('is refused where a list of revocations is left', async () => {
    const { folder, path } = await startedFolder(['a'])
    refuseMissingDatabase(path, folder)
    writeFileSync(path, '')
    refusal(path, folder)
    rmSync(path)
    refusal(path, folder)
  })

  it('is refused where a WAL is left, as an interrupted restore leaves it', () => {
    const folder = createTemporaryFolder()
    const path = join(folder, 'mailgrant.sqlite')
    writeFileSync(`${path}-wal`, 'changes')
    refusal(path, folder)
  })

  it('begins one in a new folder, also after an interrupted first start', () => {
    const folder = createTemporaryFolder()
    const path = join(folder, 'mailgrant.sqlite')
    refuseMissingDatabase(path, folder)
    writeFileSync(path, '')
    refuseMissingDatabase(path, folder)
  })
})

describe('the list of revocations', () => {
  it('survives a line that a full disk has cut', async () => {
    const { folder } = await startedFolder([])
    const record = createRevocationRecorder(folder, () => now)
    await record(keyId('a'))
    writeFileSync(join(folder, 'revoked'), `\n${keyId('b').slice(0, 20)}`, { flag: 'a' })
    await record(keyId('c'))
    expect(readRevocations(folder)?.keyIds).toEqual([keyId('a'), keyId('c')])
    expect(statSync(join(folder, 'revoked')).mode & 0o777).toBe(0o600)
  })

  it('refuses what cannot be written', async () => {
    const record = createRevocationRecorder(join(createTemporaryFolder(), 'missing'), () => now)
    await expect(record(keyId('a'))).rejects.toThrow(StorageError)
  })

  it.each([
    ['without its database', keyId('a')],
    ['of something else', 'hello'],
    ['that is empty', ''],
  ])('%s counts as missing', (_case, text) => {
    const folder = createTemporaryFolder()
    writeFileSync(join(folder, 'revoked'), text)
    expect(readRevocations(folder)).toBeNull()
  })
})
