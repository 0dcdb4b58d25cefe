import { describe, expect, it } from 'vitest'
import { createWorld, PUBLIC_URL, problemOf, ROOT_KEY, type World } from '../harness.ts'

const integration = '/v1/integrations/microsoft'
/** Calls that take no values. The ids exist nowhere: bodies are judged first. */
const withoutValues = [
  `${integration}/activate`,
  `${integration}/deactivate`,
  `${integration}/settings/promote`,
  `/v1/grants/gr_${'a'.repeat(26)}/retry`,
  `/v1/webhooks/wh_${'a'.repeat(26)}/test`,
  `/v1/webhooks/wh_${'a'.repeat(26)}/rotate-secret`,
  `/v1/webhooks/wh_${'a'.repeat(26)}/deliveries/msg_${'a'.repeat(26)}/redeliver`,
]

const send = (world: World, path: string, body?: string, type?: string, method = 'POST') =>
  world.send(
    new Request(PUBLIC_URL + path, {
      method,
      headers: { authorization: `Bearer ${ROOT_KEY}`, ...(type && { 'content-type': type }) },
      ...(body !== undefined && { body }),
    }),
  )

describe('a call that takes no values', () => {
  it.each(withoutValues)('%s refuses a field instead of ignoring it', async (path) => {
    const world = await createWorld()
    const problem = await world.problem('POST', path, { tenant: 'contoso.com', dry_run: true })
    expect(problem).toMatchObject({
      status: 422,
      code: 'validation_failed',
      errors: [{ pointer: '/tenant' }, { pointer: '/dry_run' }],
    })
  })

  it.each([
    ['no body', undefined, undefined],
    ['no body and a content type', undefined, 'application/json'],
    ['an empty body', '', 'application/x-www-form-urlencoded'],
    ['an empty object', '{}', 'application/json; charset=utf-8'],
  ])('works with %s', async (_name, body, type) => {
    const world = await createWorld()
    const response = await send(world, `${integration}/activate`, body, type)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ status: 'active' })
  })

  it.each([
    ['a list', '[]', 'application/json', 422],
    ['half an object', '{', 'application/json', 400],
    ['a form', 'tenant=contoso.com', 'application/x-www-form-urlencoded', 415],
  ])('refuses %s and changes nothing', async (_name, body, type, status) => {
    const world = await createWorld()
    expect((await send(world, `${integration}/activate`, body, type)).status).toBe(status)
    expect(await world.get(integration)).toMatchObject({ status: 'inactive' })
  })
})

describe('a body that is too large', () => {
  const large = JSON.stringify({ text: 'x'.repeat(600 * 1024) })

  it.each([
    ...withoutValues.map((path) => ['POST', path] as const),
    ['POST', '/console/session'] as const,
    ['PUT', `${integration}/settings`] as const,
    ['POST', '/v1/diagnoses'] as const,
    ['POST', `/v1/mail-accounts/ma_${'a'.repeat(26)}/validate`] as const,
  ])('is 413 at %s %s, which the document lists', async (method, path) => {
    const world = await createWorld()
    const problem = await problemOf(send(world, path, large, 'application/json', method))
    expect(problem).toMatchObject({ status: 413, code: 'payload_too_large' })
  })

  it('is ignored at a DELETE, which reads none', async () => {
    const world = await createWorld()
    const path = `/v1/api-keys/key_${'a'.repeat(26)}`
    expect((await send(world, path, large, 'application/json', 'DELETE')).status).toBe(404)
  })
})
