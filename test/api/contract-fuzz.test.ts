import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import openapi from '../../schema/openapi.json' with { type: 'json' }
import { Problem } from '../../schema/problem.ts'
import { OAuthError } from '../../schema/token-endpoint.ts'
import { createWorld, PUBLIC_URL, ROOT_KEY, type World } from './harness.ts'
import { pathsWithParts } from './openapi-reading.ts'

const Parameter = z.object({ name: z.string(), in: z.string(), required: z.boolean().optional() })
const Operation = z.object({
  responses: z.record(z.string(), z.unknown()),
  parameters: z.array(Parameter).default([]),
  requestBody: z.unknown().optional(),
})
const Paths = z.record(z.string(), z.record(z.string(), Operation))
type Operation = z.infer<typeof Operation> & { method: string; path: string }

const operations: Operation[] = Object.entries(Paths.parse(pathsWithParts(openapi))).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
)

/** Prefix of the ids in a path, by the segment before the id. */
const prefixes = {
  'api-keys': 'key',
  authorizations: 'az',
  grants: 'gr',
  'mail-accounts': 'ma',
  status: 'az',
  validations: 'va',
  webhooks: 'wh',
}

/** Fills the path with well-formed ids that exist nowhere. */
function fill(path: string): string {
  const known = Object.entries(prefixes)
  const prefix = known.find(([name]) => path.includes(`/${name}/`))?.[1] ?? 'xx'
  return path
    .replace('{id}', `${prefix}_${'a'.repeat(26)}`)
    .replace('{delivery_id}', `msg_${'a'.repeat(26)}`)
}

const JSON_TYPE = { 'content-type': 'application/json' }
const bodies: [string, BodyInit | undefined, Record<string, string>][] = [
  ['no body', undefined, {}],
  ['no body but a content type', undefined, JSON_TYPE],
  ['an empty object', '{}', JSON_TYPE],
  ['null', 'null', JSON_TYPE],
  ['a list', '[1]', JSON_TYPE],
  ['half an object', '{"a":', JSON_TYPE],
  ['an unknown member', '{"__proto__": 1, "no_such_member": {}}', JSON_TYPE],
  ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0xfe]), JSON_TYPE],
  ['a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['text', 'a', { 'content-type': 'text/plain' }],
  ['600 KB', `"${'x'.repeat(600 * 1024)}"`, JSON_TYPE],
  ['a long Idempotency-Key', '{}', { ...JSON_TYPE, 'idempotency-key': 'a'.repeat(300) }],
  ['a malformed If-Match', '{}', { ...JSON_TYPE, 'if-match': 'W/"x", y' }],
]
const queries = [
  '',
  '?limit=0',
  '?limit=abc&cursor=%00',
  '?cursor=eyJ9',
  '?status=x&type=y&health=z',
]
const credentials = [`Bearer ${ROOT_KEY}`, 'Bearer wrong', 'Basic eDp5', undefined]

/** Returns what is wrong with a response, or null. */
async function fault(operation: Operation, response: Response): Promise<string | null> {
  const { status, headers } = response
  const documented = operation.responses
  if (!(status in documented) && !(`${String(status)[0]}XX` in documented)) {
    return `${status} is not documented`
  }
  if (!headers.get('x-request-id')) return `${status} without X-Request-Id`
  // Readiness returns 503 with its own body.
  if (status < 400 || operation.path === '/readyz') return null
  const text = await response.text()
  if (operation.path === '/oauth/token') {
    return OAuthError.safeParse(JSON.parse(text)).success ? null : `${status} is no OAuth error`
  }
  const problem = Problem.safeParse(JSON.parse(text))
  if (!problem.success) return `${status} is no problem: ${text.slice(0, 200)}`
  const { code, detail, request_id, errors = [] } = problem.data
  if (detail === '' || request_id !== headers.get('x-request-id')) return `${code} lacks a member`
  if (status >= 500) return `${status} ${code}`
  if (status === 422 && errors.length === 0) return `422 ${code} without errors[]`
  if ((status === 429 || status === 503) && !headers.get('retry-after')) return 'no Retry-After'
  return null
}

const send = (world: World, url: string, init: RequestInit, authorization?: string) =>
  world.send(
    new Request(`${PUBLIC_URL}${url}`, {
      ...init,
      headers: {
        ...(init.headers as Record<string, string>),
        ...(authorization && { authorization }),
      },
    }),
  )

describe('every operation of the document', () => {
  it.each(operations)('$method $path responds to nonsense as documented', async (operation) => {
    const { method, path } = operation
    const world = await createWorld()
    const faults = new Set<string>()
    const check = async (what: string, url: string, init: RequestInit, key?: string) => {
      const found = await fault(operation, await send(world, url, { ...init, method }, key))
      if (found) faults.add(`${what}: ${found}`)
    }
    const url = fill(path)
    for (const key of credentials) await check(`key ${key}`, url, {}, key)
    for (const query of queries) await check(query, `${url}${query}`, {}, credentials[0])
    if (method !== 'GET') {
      for (const [name, body, headers] of bodies) {
        await check(name, url, { headers, ...(body !== undefined && { body }) }, credentials[0])
      }
    }
    expect([...faults]).toEqual([])
  })

  const byId = operations.filter(({ path, requestBody }) => path.includes('{') && !requestBody)

  it.each(byId)(
    '$method $path returns 404 for an unknown id',
    async ({ method, path, parameters }) => {
      const world = await createWorld()
      const query = parameters.filter((each) => each.in === 'query' && each.required)
      const given = query.map(({ name }) => `?${name}=0`).join('')
      for (const url of [fill(path), path.replaceAll(/\{\w+\}/g, 'x')]) {
        const response = await send(world, url + given, { method }, credentials[0])
        expect(response.status).toBe(404)
        expect(await response.json()).toMatchObject({ code: 'not_found' })
      }
    },
  )
})
