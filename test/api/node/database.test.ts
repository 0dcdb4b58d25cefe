import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDatabaseFile } from '../../../api/node/database.ts'
import { StartFailure } from '../../../api/node/failures.ts'
import type { Migration } from '../../../api/node/migrations.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import { MIGRATIONS } from './database-folder.ts'

const people: Migration[] = [
  { name: '0000_people.sql', sql: 'CREATE TABLE people (name TEXT NOT NULL)' },
  {
    name: '0001_age.sql',
    sql: 'ALTER TABLE people ADD age INTEGER;--> statement-breakpoint\nCREATE INDEX ages ON people (age)',
  },
  { name: '0002_city.sql', sql: 'ALTER TABLE people ADD city TEXT' },
  { name: '0003_mail.sql', sql: 'ALTER TABLE people ADD mail TEXT' },
  { name: '0004_phone.sql', sql: 'ALTER TABLE people ADD phone TEXT' },
]
const broken: Migration = {
  name: '0005_broken.sql',
  sql: 'CREATE TABLE pets (name TEXT); INSERT INTO pets VALUES (1); INSERT INTO cars VALUES (1)',
}

function createFolder() {
  const folder = createTemporaryFolder()
  return { folder, path: join(folder, 'mailgrant.sqlite') }
}

/** Opens the file, runs `work` and closes it. */
async function use<T>(
  path: string,
  migrations: readonly Migration[],
  work: (d1: D1Database) => Promise<T>,
): Promise<T> {
  const { d1, close } = openDatabaseFile(path, migrations, { busyTimeoutMs: 10 })
  try {
    return await work(d1)
  } finally {
    close()
  }
}

const open = (path: string, migrations: readonly Migration[]) =>
  use(path, migrations, async () => {})

const addPerson = (path: string, migrations: readonly Migration[], name: string) =>
  use(path, migrations, (d1) => d1.prepare('INSERT INTO people (name) VALUES (?)').bind(name).run())

/** Returns what the file holds: its schema, its migrations and the rows of the table `people`. */
function contentsOf(path: string) {
  const file = new DatabaseSync(path, { readOnly: true })
  try {
    return {
      schema: file.prepare('SELECT sql FROM sqlite_schema ORDER BY name').all(),
      people: file.prepare('SELECT * FROM people').all(),
      migrations: file.prepare('SELECT * FROM d1_migrations').all(),
    }
  } finally {
    file.close()
  }
}

const copiesIn = (folder: string) => {
  const copies = join(folder, 'before-migration')
  return existsSync(copies) ? readdirSync(copies).sort() : []
}

async function failureOf(work: () => Promise<unknown>): Promise<string> {
  const error = await work().then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(StartFailure)
  return error instanceof StartFailure ? error.message : ''
}

describe('the database file', () => {
  it('is created for its owner only, with all tables', async () => {
    const { folder, path } = createFolder()
    await use(path, MIGRATIONS, async (d1) => {
      expect(await d1.prepare('SELECT count(*) AS rows FROM grants').first('rows')).toBe(0)
      const names = await d1.prepare('SELECT name FROM d1_migrations ORDER BY id').raw()
      expect(names.flat()).toEqual(MIGRATIONS.map(({ name }) => name))
      const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)
      expect(modes).toEqual([0o600, 0o600, 0o600])
    })
    expect(copiesIn(folder)).toEqual([])
  })

  it('reaches the disk with every commit, checks foreign keys, and needs no folder for temporary files', async () => {
    const { path } = createFolder()
    await use(path, MIGRATIONS, async (d1) => {
      const pragma = async (name: string) => await d1.prepare(`PRAGMA ${name}`).first(name)
      expect(await pragma('journal_mode')).toBe('wal')
      expect(await pragma('synchronous')).toBe(2)
      expect(await pragma('fullfsync')).toBe(1)
      expect(await pragma('foreign_keys')).toBe(1)
      expect(await pragma('temp_store')).toBe(2)
    })
  })

  it('is one file after it was closed, and keeps what was written', async () => {
    const { folder, path } = createFolder()
    await addPerson(path, people, 'Ada')
    expect(readdirSync(folder)).toEqual(['mailgrant.sqlite'])
    expect(contentsOf(path).people).toMatchObject([{ name: 'Ada' }])
  })

  it('shrinks its WAL after a large transaction', async () => {
    const { path } = createFolder()
    await use(path, people, async (d1) => {
      const insert = d1.prepare('INSERT INTO people (name) VALUES (zeroblob(1000000))')
      await d1.batch(Array(25).fill(insert))
      expect(statSync(`${path}-wal`).size).toBeGreaterThan(25e6)
      await d1.prepare("INSERT INTO people (name) VALUES ('Ada')").run()
      expect(statSync(`${path}-wal`).size).toBeLessThan(17e6)
    })
  })
})

describe('a start with new migrations', () => {
  it('applies them and keeps the data, after a copy that is checked', async () => {
    const { folder, path } = createFolder()
    await addPerson(path, people.slice(0, 1), 'Ada')
    const before = contentsOf(path)
    await use(path, people.slice(0, 3), async (d1) => {
      const { results } = await d1.prepare('SELECT * FROM people').all()
      expect(results).toEqual([{ name: 'Ada', age: null, city: null }])
    })
    expect(copiesIn(folder)).toEqual(['before-0001_age.sqlite'])
    const copy = join(folder, 'before-migration/before-0001_age.sqlite')
    expect(contentsOf(copy)).toEqual(before)
    expect(statSync(copy).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'before-migration')).mode & 0o777).toBe(0o700)
  })

  it('keeps the last three copies', async () => {
    const { folder, path } = createFolder()
    for (const [at] of people.entries()) {
      await open(path, people.slice(0, at + 1))
      for (const name of copiesIn(folder)) {
        // An hour passes.
        const copy = join(folder, 'before-migration', name)
        const time = statSync(copy).mtimeMs / 1000 - 3600
        utimesSync(copy, time, time)
      }
    }
    expect(copiesIn(folder)).toEqual([
      'before-0002_city.sqlite',
      'before-0003_mail.sqlite',
      'before-0004_phone.sqlite',
    ])
  })

  it('changes nothing when one of them fails, and says what to do', async () => {
    const { folder, path } = createFolder()
    await addPerson(path, people.slice(0, 3), 'Ada')
    const before = contentsOf(path)
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await failureOf(() => open(path, [...people, broken]))).toMatch(
        /^The migration 0005_broken\.sql failed, and the database is as it was before: no such table: cars \(SQLite error 1\)\. Start the Mailgrant version that ran before.* A copy of the database is .*before-0003_mail\.sqlite\.$/,
      )
    }
    expect(contentsOf(path)).toEqual(before)
    expect(copiesIn(folder)).toEqual(['before-0003_mail.sqlite'])
    await addPerson(path, people.slice(0, 3), 'Bob')
  })

  it('runs on the database of a newer version, as after a rollback', async () => {
    const { folder, path } = createFolder()
    await addPerson(path, people, 'Ada')
    const before = contentsOf(path)
    await open(path, people.slice(0, 3))
    expect(contentsOf(path)).toEqual(before)
    expect(copiesIn(folder)).toEqual([])
  })
})

describe('a start on a file that cannot be used', () => {
  it.each([
    ['under another name', { name: '0000_start.sql', sql: people[0]?.sql ?? '' }],
    ['with other columns', { name: '0000_people.sql', sql: 'CREATE TABLE people (id TEXT)' }],
  ])('says that its first migration was applied %s', async (_, first) => {
    const { folder, path } = createFolder()
    await open(path, [first])
    const before = readFileSync(path)
    expect(await failureOf(() => open(path, people))).toBe(
      `The tables of ${path} are not those of this version. A development version from before the first release made them, or another program has changed them. Nothing was changed: start the version that made them. To begin with an empty database instead, move what is in ${folder} elsewhere.`,
    )
    expect(readFileSync(path)).toEqual(before)
    expect(copiesIn(folder)).toEqual([])
  })

  it('says that it is no database', async () => {
    const { path } = createFolder()
    writeFileSync(path, 'a letter to the operator, much longer than the header of SQLite')
    expect(await failureOf(() => open(path, people))).toBe(
      `DATA_DIR: ${path} is damaged, or is no SQLite database. Keep the file, check the disk, and restore the latest copy with the command "restore".`,
    )
  })

  it.each<[string, (path: string) => void]>([
    ['a page is damaged', (path) => writeFileSync(path, readFileSync(path).fill('z', 4096, 8192))],
    ['a part of it is missing', (path) => truncateSync(path, statSync(path).size / 2)],
  ])('says that %s', async (_what, spoil) => {
    const { path } = createFolder()
    await addPerson(path, people, 'Ada'.repeat(20_000))
    spoil(path)
    expect(await failureOf(() => open(path, people))).toContain('is damaged')
  })

  it('says that another program has locked it', async () => {
    const { path } = createFolder()
    await open(path, people)
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('BEGIN IMMEDIATE')
    expect(await failureOf(() => open(path, people))).toBe(
      `DATA_DIR: ${path} is locked by another program. End that program.`,
    )
    other.exec('ROLLBACK')
    await open(path, people)
  })

  it('says that its folder does not exist, or that a folder has its name', async () => {
    const { folder, path } = createFolder()
    mkdirSync(path)
    for (const unusable of [path, join(folder, 'missing/mailgrant.sqlite')]) {
      expect(await failureOf(() => open(unusable, people))).toBe(
        `DATA_DIR: ${unusable} cannot be opened. Check that its folder exists and that nothing else has its name.`,
      )
    }
  })
})
