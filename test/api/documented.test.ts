import { describe, expect, it } from 'vitest'
import { problemResponse } from '../../api/problem.ts'
import type { ProblemCode } from '../../schema/problem.ts'
import { expectDescribed } from './described.ts'
import { expectDocumented } from './documented.ts'
import { createWorld, PUBLIC_URL } from './harness.ts'

const respond = (code: ProblemCode, method: string, path: string) =>
  expectDocumented(
    new Request(`${PUBLIC_URL}${path}`, { method }),
    problemResponse({ code, detail: '' }, { publicUrl: PUBLIC_URL, path, requestId: 'r' }),
  )

describe('expectDocumented', () => {
  it('accepts a problem that the operation lists', async () => {
    await respond('not_found', 'GET', '/v1/grants/gr_x')
    await respond('storage_unavailable', 'GET', '/v1/grants')
  })

  it('rejects a problem that the operation does not list', async () => {
    await expect(respond('not_oauth', 'GET', '/v1/grants/gr_x')).rejects.toThrow(
      'GET /v1/grants/{id} returns 409 not_oauth',
    )
  })

  it('ignores paths and methods that are not in the document', async () => {
    await respond('not_found', 'GET', '/nowhere')
    await respond('method_not_allowed', 'PATCH', '/v1/grants')
  })
})

describe('expectDescribed', () => {
  it('accepts the members that the operation describes, and only all of them', async () => {
    const { app } = await createWorld()
    const page = { data: [], next_cursor: null }
    const check = (body: object, init?: ResponseInit) =>
      expectDescribed(app, new Request(`${PUBLIC_URL}/v1/customers`), Response.json(body, init))
    await check(page)
    await expect(check({ ...page, total: 0 })).rejects.toThrow('get /v1/customers returns 200')
    await expect(check({ data: [] })).rejects.toThrow('get /v1/customers returns 200')
    await expect(check(page, { status: 202 })).rejects.toThrow('does not have')
  })
})
