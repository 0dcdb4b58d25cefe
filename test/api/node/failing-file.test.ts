/** The API while its database file fails: a full disk, a damaged page, a lock of another program, other files at its path. */
import { closeSync, copyFileSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { explainStorageFailure, storageFailureOf } from '../../../api/node/failures.ts'
import { describeLowSpace } from '../../../api/node/file-health.ts'
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
    expect(lines.join()).toContain('database or disk is full (SQLite error 13)')
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
    // An update first copies the database, so 900 MB are too little for 1 GB.
    expect(describeLowSpace(900e6, 1e9)).toContain('has 900 MB left')
  })
})

const refusalsIn = (lines: readonly string[]) =>
  lines.filter((line) => line.startsWith('writes_refused'))

describe('a file that is not the one that is open', () => {
  it.each<[string, string, (path: string) => void]>([
    ['deleted database', '', (path) => rmSync(path)],
    [
      'copy in its place',
      '',
      (path) => {
        copyFileSync(path, `${path}.copy`)
        renameSync(`${path}.copy`, path)
      },
    ],
    ['deleted WAL', '-wal', (path) => rmSync(`${path}-wal`)],
    ['deleted index of the WAL', '-shm', (path) => rmSync(`${path}-shm`)],
  ])('is noticed before the next write: a %s', async (_what, end, change) => {
    const { path, call, createKey, ready, lines } = start()
    expect((await createKey('a')).status).toBe(201)
    change(path)
    const response = await createKey('lost')
    expect(response.status).toBe(503)
    const { code, detail } = await response.json<{ code: string; detail: string }>()
    expect(code).toBe('storage_unavailable')
    const file = `mailgrant.sqlite${end}`
    expect(detail).toMatch(`The file ${file} was deleted, moved or replaced while Mailgrant was`)
    expect(await ready()).toEqual({ status: 'failed', detail })
    await createKey('lost again')
    expect(refusalsIn(lines)).toEqual([`writes_refused ${detail}`])
    const { data } = await (await call('GET', '/v1/api-keys')).json<{ data: object[] }>()
    expect(data).toMatchObject([{ name: 'a' }])
  })

  it('does no harm once the same file is back', async () => {
    const { path, createKey, health, lines } = start()
    renameSync(path, `${path}.away`)
    await health.task.run(new AbortController().signal)
    expect(refusalsIn(lines)).toHaveLength(1)
    renameSync(`${path}.away`, path)
    expect((await createKey('a')).status).toBe(201)
    expect(lines.join()).toContain('writes_accepted')
    expect(await health.findProblem()).toBeNull()
  })
})

it('returns 503 for a damaged page, and its readiness fails until it is mended', async () => {
  const { d1, path, call, createKey, ready } = start()
  expect((await createKey('a')).status).toBe(201)
  const page = await d1
    .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'api_keys'")
    .first<number>('rootpage')
  // Writes the page to the file and drops it from SQLite's cache, so that it must be read from the file.
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

it('returns 503 while another program has locked the file, and goes on reading', async () => {
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
  const { health } = start()
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
