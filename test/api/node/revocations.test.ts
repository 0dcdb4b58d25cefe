import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../../../api/model/storage.ts'
import { openDatabaseFile } from '../../../api/node/database.ts'
import { StartFailure } from '../../../api/node/failures.ts'
import { exitCodeOf } from '../../../api/node/notices.ts'
import {
  createRevocationRecorder,
  readRevocations,
  repeatRevocations,
} from '../../../api/node/revocations.ts'
import { createStore } from '../../../api/store/store.ts'
import type { KeyRing } from '../../../schema/settings.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import { createDatabase, keyId, MIGRATIONS, withDatabase } from './database-folder.ts'

const now = () => new Date('2026-11-26T03:00:00.000Z')
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const ring: KeyRing = [{ kid: 'k1', key: new Uint8Array(32) }]

async function start(folder: string, path: string) {
  const file = openDatabaseFile(path, MIGRATIONS)
  const store = createStore(file.d1, ring, '1', () => 0)
  await repeatRevocations({ store, now, random }, folder)
  file.close()
}

describe('the list of revocations', () => {
  it('begins at the first start, for its owner only, and is not changed by the next ones', async () => {
    const folder = createTemporaryFolder()
    const path = createDatabase(folder)
    const file = join(folder, 'revoked')
    expect(readRevocations(folder)).toEqual({ keyIds: [], since: null })
    await start(folder, path)
    const text = readFileSync(file, 'utf8')
    expect(text).toContain('Keep this file beside the database')
    await start(folder, path)
    expect(readFileSync(file, 'utf8')).toBe(text)
    expect(readRevocations(folder)).toEqual({ keyIds: [], since: now() })
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('survives a line that a full disk has cut', async () => {
    const folder = createTemporaryFolder()
    const record = createRevocationRecorder(folder, now)
    await record(keyId('a'))
    writeFileSync(join(folder, 'revoked'), `\n${keyId('b').slice(0, 20)}`, { flag: 'a' })
    await record(keyId('c'))
    expect(readRevocations(folder)).toEqual({ keyIds: [keyId('a'), keyId('c')], since: null })
    expect(statSync(join(folder, 'revoked')).mode & 0o777).toBe(0o600)
  })

  it('is not written through a symbolic link, which a start refuses', async () => {
    const folder = createTemporaryFolder()
    const other = join(folder, 'other')
    writeFileSync(other, '')
    symlinkSync(other, join(folder, 'revoked'))
    expect(() => readRevocations(folder)).toThrow(
      new StartFailure(
        `DATA_DIR: ${join(folder, 'revoked')} is a symbolic link, but revoked keys are only written to a file in the folder itself. Replace the link with the file that it points at.`,
      ),
    )
    await expect(createRevocationRecorder(folder, now)(keyId('a'))).rejects.toThrow(StorageError)
    expect(readFileSync(other, 'utf8')).toBe('')
  })

  it('that cannot be read ends a start for good, with a sentence', () => {
    const folder = createTemporaryFolder()
    mkdirSync(join(folder, 'revoked'))
    let error: unknown
    try {
      readRevocations(folder)
    } catch (thrown) {
      error = thrown
    }
    const sentence = `DATA_DIR: ${join(folder, 'revoked')} cannot be opened. Check that its folder exists and that nothing else has its name.`
    expect(error).toEqual(new StartFailure(sentence))
    expect(exitCodeOf(error)).toBe(78)
  })

  it('refuses what cannot be written', async () => {
    const record = createRevocationRecorder(join(createTemporaryFolder(), 'missing'), now)
    await expect(record(keyId('a'))).rejects.toThrow(StorageError)
  })

  it('is repeated at each start: a key of the list is revoked, with an event, once', async () => {
    const folder = createTemporaryFolder()
    const path = createDatabase(folder, ['worker', 'other'])
    await createRevocationRecorder(folder, now)(keyId('worker'))
    await start(folder, path)
    await start(folder, path)
    const read = (sql: string) => withDatabase(path, (database) => database.prepare(sql).all())
    expect(read('SELECT name FROM api_keys WHERE revoked_at IS NOT NULL')).toEqual([
      { name: 'worker' },
    ])
    expect(read("SELECT subject FROM events WHERE type = 'api_key.revoked'")).toEqual([
      { subject: keyId('worker') },
    ])
  })
})
