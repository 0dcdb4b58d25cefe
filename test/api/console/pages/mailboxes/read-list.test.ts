import { expect, it } from 'vitest'
import { parseView } from '../../../../../api/console/pages/mailboxes/address.ts'
import { readList } from '../../../../../api/console/pages/mailboxes/read-list.ts'

const whole = parseView(new URLSearchParams())

/** An API with this many mailboxes, whose cursors are the number of rows before. */
function createReader(count: number) {
  const limits: number[] = []
  const read = async <Body>(path: string): Promise<Body> => {
    const { pathname, searchParams } = new URL(path, 'http://x')
    const respond = () => {
      if (pathname.endsWith('/summary')) {
        return { total: 2 * count, mailboxes: { total: count, health: { ok: count } } }
      }
      if (/\/(?:owners|customers)$/.test(pathname)) return { data: [] }
      const limit = Number(searchParams.get('limit'))
      const from = Number(searchParams.get('cursor') ?? 0)
      limits.push(limit)
      const length = Math.max(0, Math.min(limit, count - from))
      const data = Array.from({ length }, (_, index) => ({ username: from + index }))
      return { data, next_cursor: from + limit < count ? String(from + limit) : null }
    }
    return respond() as Body
  }
  return { read, limits }
}

it('a page is read by its number: from the first one after a reload, in one call after its neighbour', async () => {
  const { read, limits } = createReader(640)
  const page = (page: number) => readList(read, { ...whole, q: 'one', page })
  expect((await page(8)).rows.map(({ username }) => username)).toEqual(
    Array.from({ length: 50 }, (_, index) => 350 + index),
  )
  expect(limits).toEqual([200, 150, 50])
  await page(9)
  expect(limits).toEqual([200, 150, 50, 50])
})

it('a page behind the last one is empty', async () => {
  const { read } = createReader(60)
  const list = await readList(read, { ...whole, q: 'two', page: 5 })
  expect(list).toMatchObject({ rows: [], found: 60 })
})

it('counts what meets all filters', async () => {
  const { read } = createReader(60)
  const filtered = { ...whole, q: 'three', health: 'ok' }
  expect(await readList(read, filtered)).toMatchObject({ found: 60 })
})
