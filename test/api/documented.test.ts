import { describe, expect, it } from 'vitest'
import { problemResponse } from '../../api/problem.ts'
import type { ProblemCode } from '../../schema/problem.ts'
import { expectDocumented } from './documented.ts'
import { PUBLIC_URL } from './harness.ts'

const answer = (code: ProblemCode, method: string, path: string) =>
  expectDocumented(
    new Request(`${PUBLIC_URL}${path}`, { method }),
    problemResponse({ code, detail: '' }, { publicUrl: PUBLIC_URL, path, requestId: 'r' }),
  )

describe('expectDocumented', () => {
  it('accepts a problem that the operation lists', async () => {
    await answer('not_found', 'GET', '/v1/grants/gr_x')
    await answer('storage_unavailable', 'GET', '/v1/grants')
  })

  it('rejects a problem that the operation does not list', async () => {
    await expect(answer('not_oauth', 'GET', '/v1/grants/gr_x')).rejects.toThrow(
      'GET /v1/grants/{id} answers 409 not_oauth',
    )
  })

  it('ignores paths and methods that are not in the document', async () => {
    await answer('not_found', 'GET', '/nowhere')
    await answer('method_not_allowed', 'PATCH', '/v1/grants')
  })
})
