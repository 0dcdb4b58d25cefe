/** Refusals in a client typed by openapi-typescript from the committed document. The journeys use all else of it. */
import { describe, expect, it } from 'vitest'
import { createClient, MailgrantError, unwrap } from '../examples/client.ts'
import { createWorld, PUBLIC_URL, ROOT_KEY } from './harness.ts'

describe('a client generated from the OpenAPI document', () => {
  it('throws a refusal as an error with its problem', async () => {
    const { send: fetch } = await createWorld()
    const client = createClient({ baseUrl: PUBLIC_URL, apiKey: ROOT_KEY, fetch })
    const call = unwrap(client.POST('/v1/authorizations', { body: { provider: 'microsoft' } }))
    const refusal = await call.catch((error: unknown) => error)
    if (!(refusal instanceof MailgrantError)) throw new Error('the call was not refused')
    expect(refusal.problem.code).toBe('integration_inactive')
    expect(refusal.message).toBe(`integration_inactive: ${refusal.problem.detail}`)
  })

  it('throws the status of a response that is not from the API', async () => {
    const fetch = async () => new Response('<h1>Bad gateway</h1>', { status: 502 })
    const client = createClient({ baseUrl: PUBLIC_URL, apiKey: ROOT_KEY, fetch })
    await expect(unwrap(client.GET('/v1/grants'))).rejects.toThrow('HTTP status 502')
  })
})
