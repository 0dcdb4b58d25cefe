import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { document } from '../../api/openapi/document.ts'
import openapi from '../../schema/openapi.json' with { type: 'json' }
import { Problem } from '../../schema/problem.ts'
import { createWorld } from './harness.ts'
import {
  operationsOf,
  problemExamples,
  undescribedMembers,
  zodExamples,
} from './openapi-reading.ts'

const Shown = z.object({ value: Problem })

/** Recognises the token endpoint, whose errors are those of OAuth. */
const isForm = ({ requestBody }: { requestBody?: unknown }) =>
  JSON.stringify(requestBody).includes('application/x-www-form-urlencoded')

const describeApi = async () => document((await createWorld()).app)

describe('the OpenAPI document', () => {
  it('equals the committed file (run npm run openapi to regenerate it)', async () => {
    const text = `${JSON.stringify(await describeApi(), null, 2)}\n`
    await expect(text).toMatchFileSnapshot('../../schema/openapi.json')
  })

  it('states the purpose, required scope and possible responses of every operation', async () => {
    const api = await describeApi()
    const tags = api.tags?.map(({ name }) => name)
    const faults = operationsOf(api).flatMap(({ place, operation, statuses, codes }) => {
      const { tags: own = [], summary = '', description = '', security } = operation
      const guarded = security?.length !== 0
      const scope = operation['x-required-scope']
      const console = place.includes(' /console/')
      const rules: [boolean, string][] = [
        [
          own.length === 1 && tags?.includes(own[0] ?? '') === true,
          'one tag of openapi/introduction.ts',
        ],
        [summary !== '' && !summary.endsWith('.'), 'a summary: a few words without a full stop'],
        [
          description.length > 40,
          'a description: what it does, its effects, whether it may be repeated, what comes next',
        ],
        [security !== undefined, '`scope`, or none when no key is required'],
        [!guarded || console || scope !== undefined, 'its `scope`'],
        [!guarded || codes.includes('unauthorized'), 'the problem `unauthorized`'],
        [!guarded || codes.includes('internal_error'), 'the problem `internal_error`'],
        [
          !operation.requestBody || isForm(operation) || codes.includes('validation_failed'),
          'the problem `validation_failed`',
        ],
        [
          !place.includes('{') || codes.includes('not_found'),
          'the problem `not_found`, since there is an id in its path',
        ],
        [statuses.some((status) => status.startsWith('2')), 'an answer that succeeds'],
        [statuses.some((status) => status.startsWith('4')), 'a refusal'],
      ]
      return rules.filter(([satisfied]) => !satisfied).map(([, rule]) => `${place} needs ${rule}`)
    })
    expect(faults).toEqual([])
  })

  it('states Retry-After with every 429 and 503, in the form of OAuth, too', async () => {
    const waiting = operationsOf(await describeApi()).flatMap(({ place, responses }) =>
      [429, 503].flatMap((status) =>
        responses[status] ? [{ place, status, headers: responses[status].headers }] : [],
      ),
    )
    expect(waiting.length).toBeGreaterThan(50)
    expect(waiting.filter(({ headers }) => !headers?.['Retry-After'])).toEqual([])
  })

  it('gives every operation a unique id', async () => {
    const ids = operationsOf(await describeApi()).map(({ operation }) => operation.operationId)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })

  it('gives every body an example that matches its schema', async () => {
    const { app } = await createWorld()
    const wrong = zodExamples(app, document(app)).flatMap(({ where, schema, example }) => {
      if (example === undefined) return [`${where} needs an example: .meta({ example }) at members`]
      const { success, error } = schema.safeParse(example)
      return success ? [] : [`${where} has a wrong example: ${error.message}`]
    })
    expect(wrong).toEqual([])
  })

  it('shows no expiry in its request examples that is already past', async () => {
    const { app } = await createWorld()
    const bodies = zodExamples(app, document(app)).flatMap(({ where, example }) => {
      const text = where.endsWith('(request)') ? JSON.stringify(example) : ''
      return [...text.matchAll(/"expires_at":"([^"]+)"/g)].map(([, time = '']) => ({ where, time }))
    })
    expect(bodies.length).toBeGreaterThan(2)
    expect(bodies.filter(({ time }) => time < '2028')).toEqual([])
  })

  it('shows an example of each problem, under its code and status', async () => {
    const shown = problemExamples(await describeApi())
    expect(shown.length).toBeGreaterThan(100)
    for (const { code, status, example } of shown) {
      const problem = Shown.parse(example).value
      expect(problem.code).toBe(code)
      expect(`${problem.status}`).toBe(status)
    }
  })

  it('describes every property and parameter', async () => {
    expect(undescribedMembers(await describeApi())).toEqual([])
  })

  it('reports the branches of every union, and the property that tells them apart', async () => {
    const schemas = Object.entries((await describeApi()).components?.schemas ?? {})
    const unions = schemas.flatMap(([name, schema]) =>
      'oneOf' in schema && schema.oneOf ? [{ name, ...schema, oneOf: schema.oneOf }] : [],
    )
    expect(unions.length).toBeGreaterThan(5)
    expect(unions.filter(({ oneOf }) => !oneOf.every((branch) => '$ref' in branch))).toEqual([])
    // The branches of these differ in two properties, `type` and `flow`, so neither can be the discriminator.
    const byTwo = ['Authentication', 'AuthenticationInput']
    const undecided = unions.filter(({ discriminator }) => !discriminator).map(({ name }) => name)
    expect(undecided.sort()).toEqual(byTwo)
  })

  it('refers to a named schema where it is optional, nullable or has another description', async () => {
    const { Problem, Validation, IntegrationSettings } =
      (await describeApi()).components?.schemas ?? {}
    const diagnosis = '#/components/schemas/Diagnosis'
    expect(Problem).toMatchObject({ properties: { diagnosis: { $ref: diagnosis } } })
    expect(Validation).toMatchObject({
      properties: { diagnosis: { anyOf: [{ $ref: diagnosis }, {}] } },
    })
    expect(IntegrationSettings).toMatchObject({
      properties: { credential: { anyOf: [{ $ref: '#/components/schemas/Credential' }, {}] } },
    })
  })

  it('states defaults of bodies in words, since openapi-typescript would require the property', async () => {
    const schemas = (await describeApi()).components?.schemas ?? {}
    expect(JSON.stringify(schemas)).not.toContain('"default":')
    expect(schemas.AuthorizationInput).toMatchObject({
      properties: { expires_in: { description: expect.stringContaining('Default: `600`.') } },
    })
  })

  it('lets clients expect more statuses of API keys and more problems of integrations', () => {
    const { ApiKey, IntegrationProblem } = openapi.components.schemas
    expect([ApiKey.properties.status, IntegrationProblem.properties.code]).toMatchObject(
      Array(2).fill({ 'x-extensible': true }),
    )
  })

  it('marks the operations for the console and for operators of D1 as internal', async () => {
    const internal = operationsOf(await describeApi()).filter(
      ({ operation }) => operation['x-internal'],
    )
    expect(internal.map(({ operation }) => operation.operationId)).toEqual([
      'getKeyRing',
      'listConsoleSessions',
      'endConsoleSession',
      'getConsoleSession',
      'createConsoleSession',
      'deleteConsoleSession',
      'getSignInMethods',
    ])
  })

  it('is served as committed, without authentication', async () => {
    const { call } = await createWorld()
    const response = await call('GET', '/openapi.json', undefined, { authorization: '' })
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(await response.json()).toEqual(openapi)
  })
})
