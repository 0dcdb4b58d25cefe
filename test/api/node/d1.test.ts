import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createD1 } from '../../../api/node/d1.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'

async function open(
  sql = 'CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT UNIQUE, data BLOB)',
) {
  const db = createD1(new DatabaseSync(':memory:'))
  await db.exec(sql)
  return db
}

/** Opens a file with one row twice, as two processes do. */
async function openTwice() {
  const folder = createTemporaryFolder()
  const [file, other] = [1, 2].map(() => new DatabaseSync(join(folder, 'file.sqlite')))
  if (!file || !other) throw new Error('not opened')
  onTestFinished(() => {
    file.close()
    other.close()
  })
  file.exec('PRAGMA journal_mode = WAL')
  const db = createD1(file)
  await db.exec('CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT)')
  await db.prepare(insert).bind('a').run()
  return { db, other }
}

const insert = 'INSERT INTO items (name) VALUES (?)'

async function names(db: D1Database): Promise<unknown[]> {
  return (await db.prepare('SELECT name FROM items ORDER BY id').raw()).flat()
}

describe('a statement', () => {
  it('is not changed by bind', async () => {
    const db = await open()
    const statement = db.prepare(insert)
    const first = statement.bind('a')
    await statement.bind('b').run()
    await first.run()
    expect(await names(db)).toEqual(['b', 'a'])
  })

  it.each([
    ['text', 'Zoë', 'Zoë'],
    ['a whole number', 1_764_000_000_000, 1_764_000_000_000],
    ['a fraction', 0.5, 0.5],
    ['null', null, null],
    ['true', true, 1],
    ['false', false, 0],
  ])('binds and returns %s', async (_name, value, expected) => {
    const db = await open()
    await db.prepare('INSERT INTO items (data) VALUES (?)').bind(value).run()
    expect(await db.prepare('SELECT data FROM items').first('data')).toEqual(expected)
  })

  it('returns rows in the three forms', async () => {
    const db = await open()
    await db.batch(['a', 'b'].map((name) => db.prepare(insert).bind(name)))
    const select = db.prepare('SELECT id, name FROM items ORDER BY id')
    const rows = [
      { id: 1, name: 'a' },
      { id: 2, name: 'b' },
    ]
    expect(await select.all()).toMatchObject({ success: true, results: rows })
    expect(await select.run()).toMatchObject({ success: true, results: rows })
    expect(await select.raw()).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    expect(await select.first()).toEqual(rows[0])
    expect(await select.first('name')).toBe('a')
    expect(await db.prepare('SELECT * FROM items WHERE id = 9').first('name')).toBeNull()
  })

  it('reports changes with those of foreign keys', async () => {
    const db = await open(`
      CREATE TABLE parents (id INTEGER PRIMARY KEY);
      CREATE TABLE children (parent INTEGER REFERENCES parents (id) ON DELETE CASCADE);
    `)
    const { meta } = await db.prepare('INSERT INTO parents VALUES (4), (5)').run()
    expect(meta).toMatchObject({ changes: 2 })
    await db.prepare('INSERT INTO children VALUES (4), (4)').run()
    const deleted = await db.prepare('DELETE FROM parents WHERE id = 4').run()
    expect(deleted.meta.changes).toBe(3)
    const read = await db.prepare('SELECT * FROM parents').all()
    expect(read.meta).toMatchObject({ changes: 0 })
  })
})

describe('a failure', () => {
  it('of a second statement, which Node would ignore, has the prefix of D1 in every form', async () => {
    const db = await open()
    const statement = db.prepare('SELECT 1; DELETE FROM items')
    for (const run of [
      () => statement.all(),
      () => statement.run(),
      () => statement.raw(),
      () => statement.first(),
      () => db.batch([statement]),
    ]) {
      await expect(run()).rejects.toThrow(/^D1_ERROR: /)
    }
  })

  it('of a constraint keeps the text and the cause of SQLite', async () => {
    const db = await open()
    await db.prepare(insert).bind('a').run()
    const error = await db
      .prepare(insert)
      .bind('a')
      .run()
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      message: expect.stringMatching(/^D1_ERROR: UNIQUE constraint failed: items.name \(/),
      cause: { code: 'ERR_SQLITE_ERROR' },
    })
  })
})

describe('a prepared statement that is used again', () => {
  it('keeps nothing of the values before', async () => {
    const db = await open()
    const sql = 'SELECT ? AS a, ? AS b'
    expect(await db.prepare(sql).bind('a', 'b').raw()).toEqual([['a', 'b']])
    expect(await db.prepare(sql).bind(null, 'c').raw()).toEqual([[null, 'c']])
  })

  it('works in the midst of another run of itself', async () => {
    const db = await open()
    await db.batch(['a', 'b', 'c'].map((name) => db.prepare(insert).bind(name)))
    const select = db.prepare('SELECT name FROM items WHERE id = ?')
    const reads = [1, 2, 3].map((id) => select.bind(id).first('name'))
    expect(await Promise.all(reads)).toEqual(['a', 'b', 'c'])
  })

  it('sees the columns that exec has added', async () => {
    const db = await open('CREATE TABLE items (id INTEGER)')
    await db.prepare('INSERT INTO items VALUES (1)').run()
    expect((await db.prepare('SELECT * FROM items').all()).results).toEqual([{ id: 1 }])
    await db.exec('ALTER TABLE items ADD name TEXT')
    const { results } = await db.prepare('SELECT * FROM items').all()
    expect(results).toEqual([{ id: 1, name: null }])
  })

  it('is prepared again after many others', async () => {
    const db = await open()
    const texts = Array.from({ length: 1100 }, (_, at) => `SELECT ${at} AS number`)
    for (const [at, sql] of [...texts, ...texts].entries()) {
      expect(await db.prepare(sql).first('number')).toBe(at % texts.length)
    }
  })
})

describe('a batch', () => {
  it('returns a result for each statement, and changes() sees the one before', async () => {
    const db = await open()
    const results = await db.batch([
      db.prepare(insert).bind('a'),
      db.prepare('INSERT INTO items (name) SELECT ? WHERE changes() = 1').bind('b'),
      db.prepare('UPDATE items SET name = ? WHERE id = 9').bind('c'),
      db.prepare('INSERT INTO items (name) SELECT ? WHERE changes() = 1').bind('d'),
    ])
    expect(results.map(({ meta }) => meta.changes)).toEqual([1, 1, 0, 0])
    expect(await names(db)).toEqual(['a', 'b'])
  })

  it('changes nothing when one statement fails, and the next one works', async () => {
    const db = await open()
    const twice = [db.prepare(insert).bind('a'), db.prepare(insert).bind('a')]
    await expect(db.batch(twice)).rejects.toThrow('D1_ERROR: UNIQUE constraint failed')
    expect(await names(db)).toEqual([])
    await db.batch([db.prepare(insert).bind('b')])
    expect(await names(db)).toEqual(['b'])
  })

  it('leaves no transaction behind when COMMIT fails', async () => {
    const db = await open(`
      CREATE TABLE parents (id INTEGER PRIMARY KEY);
      CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
    `)
    const orphan = db.prepare('INSERT INTO children VALUES (1)')
    await expect(db.batch([orphan])).rejects.toThrow('D1_ERROR: FOREIGN KEY constraint failed')
    await db.batch([db.prepare('INSERT INTO parents VALUES (1)'), orphan])
    expect(await db.prepare('SELECT parent FROM children').raw()).toEqual([[1]])
  })

  it('stores nothing when the disk is full in the midst of it, and works when there is space', async () => {
    const file = new DatabaseSync(':memory:')
    const db = createD1(file)
    await db.exec('CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT UNIQUE)')
    const filled = ['a', 'b'.repeat(100_000)].map((name) => db.prepare(insert).bind(name))
    file.exec('PRAGMA max_page_count = 10')
    await expect(db.batch(filled)).rejects.toThrow(
      'D1_ERROR: database or disk is full (SQLite error 13)',
    )
    expect(await names(db)).toEqual([])
    file.exec('PRAGMA max_page_count = 1000')
    await db.batch(filled)
    expect(await names(db)).toHaveLength(2)
  })

  it('reads in one snapshot while another process writes', async () => {
    const { db, other } = await openTwice()
    other.exec('BEGIN IMMEDIATE; DELETE FROM items')
    const select = db.prepare('SELECT count(*) AS rows FROM items')
    const counts = await db.batch<{ rows: number }>([select, select])
    expect(counts.map(({ results }) => results[0]?.rows)).toEqual([1, 1])
    await expect(db.batch([db.prepare('DELETE FROM items')])).rejects.toThrow(
      'D1_ERROR: database is locked (SQLite error 5)',
    )
    other.exec('COMMIT')
    await db.batch([db.prepare(insert).bind('b')])
    expect(await names(db)).toEqual(['b'])
  })
})

describe('statements that take long', () => {
  const slow = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT count(*) FROM n`

  it('leave each turn of the event loop to others after a few milliseconds', async () => {
    const db = await open()
    let turns = 0
    const countTurns = () => {
      turns += 1
      timer = setImmediate(countTurns)
    }
    let timer = setImmediate(countTurns)
    for (let count = 0; count < 5; count += 1) await db.prepare(slow).all()
    await Promise.all([db.prepare(slow).raw(), db.batch([db.prepare(slow)])])
    clearImmediate(timer)
    expect(turns).toBeGreaterThanOrEqual(6)
  })

  it('of one request leave a turn to what arrives meanwhile', async () => {
    const db = await open()
    const order: string[] = []
    const take = async (name: string, work: Promise<unknown>) => {
      await work
      order.push(name)
    }
    // The rest runs in the phase of the event loop in which requests are handled.
    await stat('.')
    await Promise.all([
      take('arrival', stat('.')),
      take('first', db.prepare(slow).all()),
      take('second', db.prepare(slow).all()),
    ])
    expect(order).toEqual(['first', 'arrival', 'second'])
  })

  it('of a long chain run in turns with those of others', async () => {
    const db = await open()
    let done = 0
    const chain = async () => {
      for (; done < 20; done += 1) await db.prepare(slow).all()
    }
    const running = chain()
    await expect.poll(() => done, { interval: 1 }).toBeGreaterThan(1)
    const before = done
    await db.prepare('SELECT 1').first()
    expect(done - before).toBeLessThan(4)
    await running
  })

  it('are followed by those of others in the order in which they came', async () => {
    const db = await open()
    const order = [slow, insert, insert].map((sql, n) => {
      const statement = db.prepare(sql)
      return (n === 0 ? statement : statement.bind(`${n}`)).run()
    })
    await Promise.all(order)
    expect(await names(db)).toEqual(['1', '2'])
  })
})
