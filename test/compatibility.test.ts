/** Applies each kind of change to a small document. */
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import openapi from '../schema/openapi.json' with { type: 'json' }
import { type Document, findBreaks, permitsBreaks } from './tools/compatibility.ts'

const RELEASED = `
paths:
  /things:
    get:
      operationId: listThings
      security: [{ key: [] }]
      x-required-scope: read
      parameters:
        - { name: limit, in: query, schema: { type: integer, maximum: 9 } }
        - { name: sort, in: query, schema: { type: string, default: name } }
      responses:
        200:
          headers: { etag: { required: true, schema: { type: string } } }
          content: { json: { schema: { $ref: '#/components/schemas/Thing' } } }
        404: { $ref: '#/components/responses/NotFound' }
    put:
      operationId: putThing
      requestBody: { content: { json: { schema: { $ref: '#/components/schemas/ThingInput' } } } }
webhooks:
  changed:
    post:
      parameters: [{ name: kind, in: header, schema: { enum: [a] } }]
      requestBody: { content: { json: { schema: { $ref: '#/components/schemas/Message' } } } }
      responses: { 410: {}, 2XX: {} }
components:
  securitySchemes: { key: { type: http } }
  responses: { NotFound: {}, Gone: {} }
  schemas:
    Thing:
      type: object
      required: [id, title]
      properties:
        id: { type: string, format: uuid, maxLength: 36, description: Its ID. }
        title: { type: string }
        state: { type: string, enum: [active, paused] }
        health: { type: string, enum: [ok, failing], x-extensible: true }
        owner: { oneOf: [{ $ref: '#/components/schemas/Person' }, { $ref: '#/components/schemas/Team' }] }
        parent: { $ref: '#/components/schemas/Thing' }
        pattern: { type: string }
    ThingInput:
      type: object
      additionalProperties: false
      required: [title]
      properties:
        title: { type: [string, 'null'], minLength: 1, maxLength: 9, pattern: ^a }
        state: { type: string, enum: [active, paused, deleted] }
        day: { type: string }
        time: { type: string, format: time }
        owner: { oneOf: [{ $ref: '#/components/schemas/Person' }, { $ref: '#/components/schemas/Team' }] }
    Message:
      oneOf: [{ $ref: '#/components/schemas/Person' }]
      x-extensible: true
      properties: { note: { type: string } }
    Person: { type: object }
    Team: { type: object }
`

/** Returns what breaks once `from` is replaced below a line that begins with `scope`. */
function breaksOf(scope: string, from: string, to: string): string[] {
  const start = RELEASED.search(new RegExp(`^ *${scope}`, 'm'))
  const at = RELEASED.indexOf(from, start)
  expect([start, at]).not.toContain(-1)
  const changed = RELEASED.slice(0, at) + to + RELEASED.slice(at + from.length)
  return findBreaks(parse(RELEASED), parse(changed))
}

it('finds no break in a document without changes', () => {
  const document: Document = JSON.parse(JSON.stringify(openapi))
  expect(findBreaks(openapi, document)).toEqual([])
})

it('lets only these schemas have other values in a later version', () => {
  const { schemas } = openapi.components
  const extensible = Object.entries(schemas).filter(([, schema]) =>
    JSON.stringify(schema).includes('"x-extensible":true'),
  )
  expect(extensible.map(([name]) => name).sort()).toEqual([
    'AccessToken',
    'ApiKey',
    'ApiKeyCreated',
    'DiagnosisInput',
    'EventType',
    'FixPurpose',
    'Health',
    'IntegrationProblem',
    'ProblemCode',
    'ProofSource',
    'Protocol',
    'Provider',
    'ReportProtocol',
    'SecondReaderStatus',
    'Source',
    'Stage',
    'ValidationStepName',
    'WebhookEvent',
    'WebhookMessage',
    'WebhookMessageType',
    'WebhookType',
  ])
})

describe('what breaks a client', () => {
  it.each([
    ['paths:', '/things', '/items', 'paths./things: was removed'],
    ['paths:', 'get:', 'post:', 'paths./things.get: was removed'],
    ['paths:', 'listThings', 'getThings', 'operationId: changed from "listThings" to "getThings"'],
    ['paths:', '{ key: [] }', '', 'security.key: was removed'],
    ['paths:', 'scope: read', 'scope: write', 'x-required-scope: changed from "read" to "write"'],
    ['parameters:', 'name: limit', 'name: size', 'parameters.query limit: was removed'],
    ['parameters:', 'query, ', 'query, required: true, ', 'query limit.required: was added'],
    ['parameters:', 'maximum: 9', 'maximum: 8', 'query limit.schema.maximum: changed from 9 to 8'],
    ['parameters:', 'default: name', 'default: id', 'default: changed from "name" to "id"'],
    ['parameters:', 'sort, ', 'sort, required: true, ', 'query sort.required: was added'],
    ['responses:', '200:', '201:', 'responses.201: was added'],
    ['200:', 'etag', 'x-etag', 'headers.etag: was removed'],
    ['200:', 'required: true', 'required: false', 'etag.required: changed from true to false'],
    ['200:', 'json', 'text', 'content.json: was removed'],
    ['put:', 'requestBody:', 'x-body:', 'requestBody: was removed'],
    ['put:', '{ content', '{ required: true, content', 'requestBody.required: was added'],
    ['webhooks:', 'changed', 'renamed', 'webhooks.changed: was removed'],
    ['webhooks:', 'kind', 'x', 'parameters.header kind: was removed'],
    ['webhooks:', '[a]', '[a, b]', 'parameters.header kind.schema.enum."b": was added'],
    ['webhooks:', '410', '404', 'responses.410: was removed'],
    ['securitySchemes:', 'http', 'apiKey', 'type."http": was removed'],
    ['Thing:', 'title: {', 'name: {', 'Thing.properties.title: was removed'],
    ['Thing:', 'pattern:', 'other:', 'Thing.properties.pattern: was removed'],
    ['Thing:', ', title]', ']', 'Thing.required."title": was removed'],
    ['Thing:', 'type: string', "type: [string, 'null']", 'id.type."null": was added'],
    ['Thing:', 'uuid', 'date', 'id.format: changed from "uuid" to "date"'],
    ['Thing:', ', paused', ', paused, gone', 'state.enum."gone": was added'],
    ['owner:', '#/components/schemas/Team', '#/x', 'owner.oneOf.#/x: was added'],
    ['ThingInput:', '[title]', '[title, day]', 'ThingInput.required."day": was added'],
    ['ThingInput:', ", 'null'", '', 'title.type."null": was removed'],
    ['ThingInput:', 'minLength: 1', 'minLength: 2', 'title.minLength: changed from 1 to 2'],
    ['ThingInput:', 'maxLength: 9', 'maxLength: 8', 'title.maxLength: changed from 9 to 8'],
    ['ThingInput:', '^a', '^b', 'title.pattern: changed from "^a" to "^b"'],
    ['ThingInput:', ', deleted', '', 'state.enum."deleted": was removed'],
    ['ThingInput:', 'day: { ', 'day: { format: date, ', 'day.format: was added'],
    ['ThingInput:', 'day: { ', 'day: { enum: [a], ', 'day.enum: was added'],
    ['ThingInput:', 'day:', 'type:', 'ThingInput.properties.day: was removed'],
    ['ThingInput:', 'day: { ', 'day: { not: {}, ', 'day.not: was added'],
    ['Message:', 'type: string', "type: [string, 'null']", 'note.type."null": was added'],
    ['Person:', 'object', "[object, 'null']", 'Person.type."null": was added'],
    ['Team:', 'object', 'object, required: [id]', 'Team.required."id": was added'],
  ])('below %s it is "%s" that becomes "%s"', (scope, from, to, sentence) => {
    expect(breaksOf(scope, from, to).join('\n')).toContain(sentence)
  })

  it('is a new parameter that is required, also by reference', () => {
    const parameter = '- { $ref: "#/components/parameters/New" }\n        - { name: limit'
    const changed = RELEASED.replace('- { name: limit', parameter)
    const withRequired = (required: boolean) =>
      parse(`${changed}\n  parameters: { New: { name: new, in: query, required: ${required} } }`)
    expect(findBreaks(parse(RELEASED), withRequired(false))).toEqual([])
    expect(findBreaks(parse(RELEASED), withRequired(true))).toHaveLength(1)
  })
})

describe('what is harmless', () => {
  it.each([
    ['paths:', '/things:', '/new: { get: {} }\n  /things:'],
    ['paths:', 'get:', 'patch: {}\n    get:'],
    ['webhooks:', 'changed:', 'new: { post: {} }\n  changed:'],
    ['webhooks:', '410: {}', '410: {}, 404: {}'],
    ['parameters:', '- { name: limit', '- { name: new, in: query }\n        - { name: limit'],
    ['parameters:', 'maximum: 9', 'maximum: 10'],
    ['parameters:', ', maximum: 9', ''],
    ['404:', 'NotFound', 'Gone'],
    ['200:', '404:', '410:'],
    ['200:', 'etag:', 'new: {}, etag:'],
    ['responses: { N', 'Gone: {}', 'New: {}'],
    ['Thing:', 'title: {', 'new: { type: string }\n        title: {'],
    ['Thing:', 'Its ID.', 'Other words.'],
    ['Thing:', 'active, paused', 'paused'],
    ['Thing:', 'active, paused', 'paused, active'],
    ['Thing:', ', maxLength: 36', ''],
    ['Thing:', 'title: {', 'title: { format: date,'],
    ['Thing:', ", { $ref: '#/components/schemas/Team' }", ''],
    ['Thing:', 'ok, failing', 'ok, failing, new'],
    ['ThingInput:', 'day:', 'new: { type: string }\n        day:'],
    ['ThingInput:', 'day: {', 'day: { default: a,'],
    ['ThingInput:', ', format: time', ''],
    ['ThingInput:', 'oneOf: [', "oneOf: [{ $ref: '#/components/schemas/Message' }, "],
    ['ThingInput:', '[title]', '[]'],
    ['ThingInput:', ', deleted', ', deleted, new'],
    ['ThingInput:', 'minLength: 1', 'minLength: 0'],
    ['ThingInput:', ', pattern: ^a', ''],
    ['Message:', 'Person', "Person' }, { $ref: '#/components/schemas/Team"],
  ])('is, below %s, "%s" that becomes "%s"', (scope, from, to) => {
    expect(breaksOf(scope, from, to)).toEqual([])
  })
})

it.each([
  ['1.2.3', '1.3.0', false],
  ['1.2.3', '2.0.0', true],
  ['0.1.0', '0.1.9', false],
  ['0.1.0', '0.2.0', true],
  ['0.9.0', '1.0.0', true],
  ['1.9.0', '1.10.0', false],
])('clients of %s expect breaks in %s: %s', (before, after, expected) => {
  expect(permitsBreaks(before, after)).toBe(expected)
})
