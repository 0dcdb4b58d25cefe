import { describe, expect, it } from 'vitest'
import { document } from '../../api/openapi.ts'
import { createWorld } from './harness.ts'

const describeApi = async () => document((await createWorld()).app)

describe('the OpenAPI document', () => {
  it('is the one that is committed (npm run openapi writes it anew)', async () => {
    const text = `${JSON.stringify(await describeApi(), null, 2)}\n`
    await expect(text).toMatchFileSnapshot('../../schema/openapi.json')
  })

  it('gives every operation an id, a tag, a summary and its problems', async () => {
    const { paths = {} } = await describeApi()
    const ids: string[] = []
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const { operationId, tags, summary, responses, security } = operation
        ids.push(operationId)
        expect([method, path, tags?.length, typeof summary]).toEqual([method, path, 1, 'string'])
        const guarded = (security ?? []).length > 0
        const expected = [
          ...(guarded ? ['401', '429'] : []),
          ...(operation['x-required-scope'] ? ['403'] : []),
        ]
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(expected))
      }
    }
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('describes the key that guarded operations name', async () => {
    const { components } = await describeApi()
    expect(components?.securitySchemes).toMatchObject({
      api_key: { type: 'http', scheme: 'bearer' },
    })
  })

  it('is made once, however often it is asked for', async () => {
    const { app, call } = await createWorld()
    const first = await (await call('GET', '/openapi.json')).text()
    const { length } = app.openAPIRegistry.definitions
    expect(await (await call('GET', '/openapi.json')).text()).toBe(first)
    expect(app.openAPIRegistry.definitions).toHaveLength(length)
  })
})
