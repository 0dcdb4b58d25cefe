/** API keys of a world, created through the API. */
import { expect } from 'vitest'
import type { ApiKeyCreated } from '../../schema/api-key.ts'
import type { World } from './harness.ts'

export async function createKey(world: World, input: object = {}): Promise<ApiKeyCreated> {
  const body = { name: 'Help desk', scopes: ['read'], ...input }
  const response = await world.call('POST', '/v1/api-keys', body)
  expect(response.status).toBe(201)
  return response.json()
}

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

/** Returns a `call` that authenticates with this key. */
export const callerOf =
  (world: World, key: string) =>
  (method: string, path: string, body?: unknown): Promise<Response> =>
    world.call(method, path, body, bearer(key))
