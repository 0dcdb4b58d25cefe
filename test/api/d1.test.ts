/** Tests what D1 refuses and how. They run on node:sqlite as well, which must refuse the same. */
import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

beforeAll(async () => {
  await env.DB.exec('DROP TABLE IF EXISTS rules')
  await env.DB.exec(
    'CREATE TABLE rules (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, number INTEGER CHECK (number < 5), parent INTEGER REFERENCES rules (id))',
  )
  return () => env.DB.exec('DROP TABLE rules')
})

beforeEach(async () => {
  await env.DB.exec('DELETE FROM rules')
  await env.DB.exec("INSERT INTO rules (id, name) VALUES (1, 'a')")
})

const insert = 'INSERT INTO rules (name) VALUES (?)'
const list = (count: number) => Array<string>(count).fill('?').join()

describe('D1', () => {
  it.each([
    ['a name twice', insert, ['a'], `UNIQUE constraint failed: rules.name`],
    [
      'an id twice',
      "INSERT INTO rules (id, name) VALUES (1, 'b')",
      [],
      `UNIQUE constraint failed: rules.id`,
    ],
    ['null where a value is required', insert, [null], `NOT NULL constraint failed: rules.name`],
    [
      'a failed check',
      "INSERT INTO rules (name, number) VALUES ('b', ?)",
      [9],
      `CHECK constraint failed: number < 5`,
    ],
    [
      'a parent that does not exist',
      "INSERT INTO rules (name, parent) VALUES ('b', ?)",
      [9],
      `FOREIGN KEY constraint failed`,
    ],
    ['an unknown column', 'SELECT missing FROM rules', [], `no such column: missing`],
    ['a syntax error', 'SELEC', [], `near "SELEC": syntax error`],
    [
      'more than 100 parameters',
      `SELECT ${list(101)}`,
      Array(101).fill(1),
      `too many SQL variables`,
    ],
  ])('refuses %s', async (_name, sql, values, message) => {
    const statement = env.DB.prepare(sql).bind(...values)
    const text = new RegExp(`^D1_ERROR: ${message}`)
    await expect(statement.run()).rejects.toThrow(text)
    await expect(statement.raw()).rejects.toThrow(text)
    const other = env.DB.prepare("INSERT INTO rules (name) VALUES ('other')")
    await expect(env.DB.batch([other, statement])).rejects.toThrow(text)
    expect(await env.DB.prepare('SELECT name FROM rules').raw()).toEqual([['a']])
  })

  it.each([
    ['undefined', undefined, "Type 'undefined' not supported for value 'undefined'"],
    ['a bigint', 1n, "Type 'bigint' not supported for value '1'"],
    ['an object', {}, "Type 'object' not supported for value '[object Object]'"],
    ['an array of what are no bytes', [256], "Type 'object' not supported for value '256'"],
    ['an array of texts', ['a'], "Type 'object' not supported for value 'a'"],
    ['a function', Boolean, "Type 'function' not supported for value"],
  ])('refuses to bind %s', async (_name, value, message) => {
    const bind = async () => env.DB.prepare('SELECT ?').bind(value).all()
    await expect(bind()).rejects.toThrow(`D1_TYPE_ERROR: ${message}`)
  })

  it('refuses an empty batch', async () => {
    await expect(env.DB.batch([])).rejects.toThrow('D1_ERROR: No SQL statements detected.')
  })

  it('takes 100 parameters, and a pattern of 50 bytes', async () => {
    const values = Array<number>(100).fill(1)
    expect(
      await env.DB.prepare(`SELECT ${list(100)}`)
        .bind(...values)
        .raw(),
    ).toEqual([values])
    const like = env.DB.prepare('SELECT 1 AS found WHERE ? LIKE ?')
    await like.bind('a', 'a'.repeat(50)).all()
    await expect(like.bind('a', 'a'.repeat(51)).all()).rejects.toThrow(
      /^D1_ERROR: LIKE or GLOB pattern too complex/,
    )
  })

  it('stores a number as REAL unless the column is of another type, and returns it unchanged', async () => {
    const select = env.DB.prepare('SELECT typeof(?) AS type, ? AS value')
    expect(await select.bind(1, 2 ** 53).first()).toEqual({ type: 'real', value: 2 ** 53 })
    expect(await env.DB.prepare('SELECT typeof(id) AS type FROM rules').first('type')).toBe(
      'integer',
    )
  })

  it('counts the changes of each statement, and none for a query', async () => {
    const results = await env.DB.batch([
      env.DB.prepare(insert).bind('b'),
      env.DB.prepare('SELECT * FROM rules'),
      env.DB.prepare('UPDATE rules SET number = 1 RETURNING id'),
    ])
    expect(results.map(({ meta }) => meta.changes)).toEqual([1, 0, 2])
  })
})
