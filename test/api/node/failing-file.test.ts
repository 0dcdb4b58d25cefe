/** The API while its database file fails: a full disk, a damaged page, a lock of another program. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFileHealth, describeLowSpace } from '../../../api/node/file-health.ts'
import { explainStorageFailure, storageFailureOf } from '../../../api/node/storage-failures.ts'
import type { Readiness } from '../../../schema/health.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import { startOnFile } from './file-world.ts'

function start() {
  const path = join(createTemporaryFolder(), 'mailgrant.sqlite')
  const world = startOnFile(path)
  onTestFinished(() => world.close())
  const ready = async () =>
    (await (await world.call('GET', '/readyz')).json<Readiness>()).checks.database
  return { ...world, path, ready }
}

async function expectUnavailable(response: Response) {
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('5')
  expect(await response.json()).toMatchObject({ code: 'storage_unavailable' })
}

describe('a full disk', () => {
  it('is answered with 503, loses nothing, and works again when there is space', async () => {
    const { d1, call, createKey, lines } = start()
    const pages = Number(await d1.prepare('PRAGMA page_count').first('page_count'))
    await d1.exec(`PRAGMA max_page_count = ${pages + 2}`)
    const stored: string[] = []
    let response = await createKey('key 0')
    while (response.status === 201) {
      stored.push(`key ${stored.length}`)
      response = await createKey(`key ${stored.length}`)
    }
    await expectUnavailable(response)
    expect(lines.join()).toContain('database or disk is full: SQLITE_FULL')
    const names = async () => {
      const { data } = await (await call('GET', '/v1/api-keys?limit=200')).json<{
        data: { name: string }[]
      }>()
      return data.map(({ name }) => name).sort()
    }
    expect(await names()).toEqual(stored.toSorted())
    const events = "SELECT count(*) AS rows FROM events WHERE type = 'api_key.created'"
    expect(await d1.prepare(events).first('rows')).toBe(stored.length)

    await d1.exec(`PRAGMA max_page_count = ${pages + 100}`)
    expect((await createKey('later')).status).toBe(201)
    expect(await names()).toEqual([...stored, 'later'].toSorted())
  })

  it('degrades the readiness before it is full', async () => {
    const { ready } = start()
    expect(await ready()).toEqual({ status: 'ok' })
    expect(describeLowSpace(100e6, 5e6)).toBeNull()
    expect(describeLowSpace(3.25e6, 5e6)).toMatch(
      /^The disk of the database has 3\.3 MB left, and the database takes 5\.0 MB\. Free some space, /,
    )
    // An update needs a copy of it.
    expect(describeLowSpace(900e6, 1e9)).toContain('has 900 MB left')
  })
})

it('answers 503 for a damaged page, and its readiness fails until it is mended', async () => {
  const { d1, path, call, createKey, ready } = start()
  expect((await createKey('a')).status).toBe(201)
  const page = await d1
    .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'api_keys'")
    .first<number>('rootpage')
  // Into the file, and out of the memory.
  await d1.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  await d1.exec('PRAGMA shrink_memory')
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(4096, 'z'), 0, 4096, (Number(page) - 1) * 4096)
  closeSync(file)
  await expectUnavailable(await call('GET', '/v1/api-keys'))
  expect(await ready()).toEqual({
    status: 'failed',
    detail:
      'The database is damaged, or is no SQLite database. Keep the file, check the disk, and restore the latest copy with the command "restore".',
  })
})

it('answers 503 while another program has locked the file, and goes on reading', async () => {
  const { path, call, createKey, ready } = start()
  const other = new DatabaseSync(path)
  onTestFinished(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  await expectUnavailable(await createKey('a'))
  expect((await call('GET', '/v1/api-keys')).status).toBe(200)
  expect(await ready()).toMatchObject({ status: 'ok' })
  other.exec('ROLLBACK')
  expect((await createKey('a')).status).toBe(201)
})

it('says what to do about each failure of a query', () => {
  const health = createFileHealth('mailgrant.sqlite', () => false)
  const sqliteError = (errcode: number) =>
    new Error('StorageError', { cause: Object.assign(new Error(), { errcode }) })
  const failures = [13, 8, 11, 26, 5, 10, 4874, 14].map((code) =>
    storageFailureOf(sqliteError(code)),
  )
  expect(failures).toEqual([
    ...['full', 'read_only', 'damaged', 'damaged', 'locked', 'disk', 'full', 'path'],
  ])
  expect(health.explain(sqliteError(13))).toBe(explainStorageFailure('full', 'The database'))
  expect(storageFailureOf(sqliteError(19))).toBeNull()
  expect(health.explain(new Error('database is not open'))).toBe(
    'The database does not respond. Start Mailgrant again.',
  )
})
