import { expect, it } from 'vitest'
import { problemResponse } from '../../api/problem.ts'

const where = { publicUrl: 'https://mg.test', path: '/v1/x', requestId: 'r1' }

it.each([
  ['provider_unavailable', undefined, '5'],
  ['provider_unavailable', 40, '40'],
  ['key_missing', undefined, '5'],
  ['not_found', undefined, null],
] as const)('a %s problem with retryAfter %s sends Retry-After %s', (code, retryAfter, header) => {
  const problem = { code, detail: 'Some detail.', ...(retryAfter && { retryAfter }) }
  expect(problemResponse(problem, where).headers.get('retry-after')).toBe(header)
})
