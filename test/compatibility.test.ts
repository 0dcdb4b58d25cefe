/** Applies each kind of change at every place of the real document where it is possible. */
import { afterEach, describe, expect, it } from 'vitest'
import openapi from '../schema/openapi.json' with { type: 'json' }
import {
  type Document,
  findBreaks,
  type Operation,
  permitsBreaks,
  type Schema,
} from './tools/compatibility.ts'

const text = JSON.stringify(openapi)
const load = (): Document => JSON.parse(text)
const released = load()
const changed = load()

/** A place in the document, with the changes that are possible there. `apply` returns how to undo it. */
type Change = { at: string; apply: () => () => void }

/** Makes the changes one by one, and returns the places of those that the comparison does not find. */
function unnoticed(changes: readonly Change[]): string[] {
  expect(changes.length).toBeGreaterThan(0)
  return changes
    .filter(({ apply }) => {
      const undo = apply()
      const breaks = findBreaks(released, changed)
      undo()
      return breaks.length === 0
    })
    .map(({ at }) => at)
}

/** Makes the changes together, and returns what the comparison finds. */
function breaksOf(changes: readonly Change[]): string[] {
  expect(changes.length).toBeGreaterThan(0)
  const undo = changes.map(({ apply }) => apply())
  const breaks = findBreaks(released, changed)
  for (const each of undo.reverse()) each()
  return breaks
}

/** Returns a change that sets a member, or removes it if the value is undefined. */
const set = <Of extends object, Key extends keyof Of>(
  at: string,
  object: Of,
  key: Key,
  value: Of[Key] | undefined,
): Change => ({
  at: `${at}/${String(key)}`,
  apply() {
    const before = { ...object }
    if (value === undefined) delete object[key]
    else object[key] = value
    return () => {
      delete object[key]
      Object.assign(object, before)
    }
  },
})

const without = <T>(list: readonly T[], item: T) => list.filter((each) => each !== item)

type Place = { at: string; schema: Schema; use: Use; optionalKind: boolean }
type Use = { request: boolean; response: boolean }

/** Yields a schema and those inside it. `optionalKind` is true inside a union that accepts any string. */
function* placesIn(at: string, schema: Schema, use: Use, optionalKind = false): Generator<Place> {
  yield { at, schema, use, optionalKind }
  const union = schema.anyOf ?? schema.oneOf ?? []
  const acceptsStrings = union.some(({ type, enum: values }) => type === 'string' && !values)
  for (const [name, each] of Object.entries(schema.properties ?? {})) {
    yield* placesIn(`${at}.${name}`, each, use)
  }
  for (const each of union) yield* placesIn(`${at}|`, each, use, acceptsStrings)
  for (const each of [schema.items, schema.additionalProperties, schema.contentSchema]) {
    if (typeof each === 'object') yield* placesIn(`${at}[]`, each, use)
  }
}

/** Returns the names of the schemas that a part of the document refers to, directly or not. */
function reach(part: unknown, found = new Set<string>()): Set<string> {
  for (const [reference, kind, name = ''] of JSON.stringify(part).matchAll(
    /"#\/components\/(\w+)\/([\w.]+)"/g,
  )) {
    if (found.has(reference)) continue
    found.add(reference)
    const parts: Record<string, Record<string, unknown>> = released.components
    reach(parts[kind ?? '']?.[name], found)
  }
  return found
}

const operations = (
  paths: Document['paths'],
): [at: string, operation: Operation, item: Record<string, Operation>][] =>
  Object.entries(paths)
    .flatMap(([path, item]) =>
      Object.entries(item).map(
        ([method, operation]) => [`${method} ${path}`, operation, item] as const,
      ),
    )
    .map(([at, operation, item]) => [at, operation, item])

const ofPaths = operations(changed.paths)
const ofWebhooks = operations(changed.webhooks ?? {})
const sent = reach(
  ofPaths.map(([, { parameters, requestBody }]) => [parameters ?? [], requestBody ?? {}]),
)
const received = reach([
  ofPaths.map(([, { responses }]) => responses),
  ofWebhooks.map(([, { requestBody }]) => requestBody ?? {}),
])
const places = Object.entries(changed.components.schemas).flatMap(([name, schema]) => {
  const reference = `"#/components/schemas/${name}"`
  const use = { request: sent.has(reference), response: received.has(reference) }
  return [...placesIn(name, schema, use)]
})
const parameters = ofPaths.flatMap(([at, { parameters = [] }]) =>
  parameters.flatMap((parameter) =>
    parameter.schema
      ? [
          ...placesIn(`${at} ${parameter.name}`, parameter.schema, {
            request: true,
            response: false,
          }),
        ]
      : [],
  ),
)
const inRequests = [...places, ...parameters].filter(({ use }) => use.request)
const inResponses = places.filter(({ use }) => use.response)
const LIMITS: Record<
  string,
  ['minimum' | 'minLength' | 'minItems', 'maximum' | 'maxLength' | 'maxItems']
> = {
  integer: ['minimum', 'maximum'],
  string: ['minLength', 'maxLength'],
  array: ['minItems', 'maxItems'],
}
const isClosed = ({ 'x-extensible': extensible }: Schema) => extensible !== true

afterEach(() => {
  expect(changed).toEqual(released)
})

it('finds no break in a document without changes', () => {
  expect(findBreaks(released, changed)).toEqual([])
  expect(places.every(({ use }) => use.request || use.response)).toBe(true)
})

describe('what clients send', () => {
  it('may not lose a property', () => {
    expect(
      unnoticed(
        inRequests.flatMap(({ at, schema: { properties = {} } }) =>
          Object.keys(properties).map((name) => set(at, properties, name, undefined)),
        ),
      ),
    ).toEqual([])
  })

  it('may not need another property', () => {
    expect(
      unnoticed(
        inRequests.flatMap(({ at, schema }) =>
          Object.keys(schema.properties ?? {})
            .filter((name) => !schema.required?.includes(name))
            .map((name) =>
              set(`${at}.${name}`, schema, 'required', [...(schema.required ?? []), name]),
            ),
        ),
      ),
    ).toEqual([])
  })

  it('may not lose a value of an enum', () => {
    expect(
      unnoticed(
        inRequests
          .filter(({ optionalKind }) => !optionalKind)
          .flatMap(({ at, schema }) =>
            (schema.enum ?? []).map((value) =>
              set(`${at} ${value}`, schema, 'enum', without(schema.enum ?? [], value)),
            ),
          ),
      ),
    ).toEqual([])
  })

  it('may not lose a kind', () => {
    expect(
      unnoticed(
        inRequests.flatMap(({ at, schema }) =>
          (schema.oneOf ?? []).map((kind) =>
            set(at, schema, 'oneOf', without(schema.oneOf ?? [], kind)),
          ),
        ),
      ),
    ).toEqual([])
  })

  it('may not stop accepting null', () => {
    expect(
      unnoticed(
        inRequests.flatMap(({ at, schema }) =>
          Array.isArray(schema.type) ? [set(at, schema, 'type', without(schema.type, 'null'))] : [],
        ),
      ),
    ).toEqual([])
  })

  it('may not get a narrower limit, another pattern or another format', () => {
    const changes = inRequests
      .filter(({ optionalKind }) => !optionalKind)
      .flatMap(({ at, schema }) => {
        const limits = LIMITS[String(schema.type)]
        if (!limits) return []
        return [
          set(at, schema, limits[0], (schema[limits[0]] ?? 0) + 1),
          set(at, schema, limits[1], (schema[limits[1]] ?? 10) - 1),
          set(at, schema, 'pattern', '^x'),
          set(at, schema, 'format', 'x'),
        ]
      })
    expect(unnoticed(changes)).toEqual([])
  })

  it('may not get another default', () => {
    const changes = inRequests.flatMap(({ at, schema }) =>
      schema.default === undefined
        ? []
        : [set(at, schema, 'default', 'x'), set(at, schema, 'default', undefined)],
    )
    expect(unnoticed(changes)).toEqual([])
  })
})

describe('what clients receive', () => {
  it('may not lose a property', () => {
    const changes = inResponses.flatMap(({ at, schema: { properties = {} } }) =>
      Object.keys(properties).map((name) => set(at, properties, name, undefined)),
    )
    expect(unnoticed(changes)).toEqual([])
  })

  it('may not leave out a property that was always there', () => {
    const changes = inResponses.flatMap(({ at, schema }) =>
      (schema.required ?? []).map((name) =>
        set(`${at}.${name}`, schema, 'required', without(schema.required ?? [], name)),
      ),
    )
    expect(unnoticed(changes)).toEqual([])
  })

  it('may not have a new value of an enum, unless it is marked', () => {
    const grown = ({ at, schema }: Place) =>
      set(at, schema, 'enum', [...(schema.enum ?? []), 'new'])
    const enums = inResponses.filter(({ schema }) => schema.enum)
    expect(unnoticed(enums.filter(({ schema }) => isClosed(schema)).map(grown))).toEqual([])
    const open = enums.filter(({ schema }) => !isClosed(schema))
    expect(open.map(({ at }) => at)).toEqual([
      'Protocol',
      'Provider',
      'ProblemCode',
      'ReportProtocol',
      'Stage',
      'Source',
      'Health',
      'AccessToken.mechanism',
      'ValidationStepName',
      'EventType',
      'WebhookType',
      'WebhookEvent',
      'WebhookMessageType',
    ])
    expect(breaksOf(open.map(grown))).toEqual([])
  })

  it('may not be of a new kind, unless the union is marked', () => {
    const grown = ({ at, schema }: Place) =>
      set(at, schema, 'oneOf', [...(schema.oneOf ?? []), { $ref: '#/components/schemas/Alive' }])
    const unions = inResponses.filter(({ schema }) => schema.oneOf)
    expect(unnoticed(unions.filter(({ schema }) => isClosed(schema)).map(grown))).toEqual([])
    const open = unions.filter(({ schema }) => !isClosed(schema))
    expect(open.map(({ at }) => at)).toEqual(['WebhookMessage'])
    expect(breaksOf(open.map(grown))).toEqual([])
  })

  it('may not become null', () => {
    const changes = inResponses.flatMap(({ at, schema }) =>
      Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
        typeof property.type === 'string' && property.type !== 'null'
          ? [set(`${at}.${name}`, property, 'type', [property.type, 'null'])]
          : [],
      ),
    )
    expect(unnoticed(changes)).toEqual([])
  })

  it('may not change its format', () => {
    const changes = inResponses.flatMap(({ at, schema }) =>
      schema.format ? [set(at, schema, 'format', 'x'), set(at, schema, 'format', undefined)] : [],
    )
    expect(unnoticed(changes)).toEqual([])
  })
})

it('finds a change of the type in both directions', () => {
  const changes = [...places, ...parameters]
    .filter(({ schema, optionalKind }) => schema.type !== undefined && !optionalKind)
    .map(({ at, schema }) =>
      set(at, schema, 'type', schema.type?.includes('object') ? 'string' : 'object'),
    )
  expect(unnoticed(changes)).toEqual([])
})

describe('an operation', () => {
  it('may not be removed, renamed or change its access', () => {
    const changes = ofPaths.flatMap(([at, operation, item]) => [
      set(at, item, at.split(' ')[0] ?? '', undefined),
      set(at, operation, 'operationId', 'other'),
      set(at, operation, 'x-required-scope', operation['x-required-scope'] ? undefined : 'read'),
      set(at, operation, 'security', [{ other: [] }]),
    ])
    expect(unnoticed(changes)).toEqual([])
    const paths = Object.keys(changed.paths).map((path) => set('', changed.paths, path, undefined))
    expect(unnoticed(paths)).toEqual([])
  })

  it('may not have fewer parameters, or more that are required', () => {
    const required = { name: 'new', in: 'query', required: true, schema: { type: 'string' } }
    const changes = ofPaths.flatMap(([at, operation]) => {
      const { parameters: all = [] } = operation
      return [
        set(at, operation, 'parameters', [...all, required]),
        ...all.map((one) => set(at, operation, 'parameters', without(all, one))),
        ...all
          .filter((one) => !one.$ref && !one.required)
          .map((one) => set(`${at} ${one.name}`, one, 'required', true)),
      ]
    })
    expect(unnoticed(changes)).toEqual([])
  })

  it('may not lose its body or start requiring one', () => {
    const changes = ofPaths.flatMap(([at, operation]) => {
      const body = operation.requestBody
      if (!body) return [set(at, operation, 'requestBody', { required: true, content: {} })]
      return [
        set(at, operation, 'requestBody', undefined),
        set(at, body, 'content', {}),
        ...(body.required ? [] : [set(at, body, 'required', true)]),
      ]
    })
    expect(unnoticed(changes)).toEqual([])
  })

  it('may not succeed in another way', () => {
    const changes = ofPaths.flatMap(([at, operation]) => {
      const responses = operation.responses ?? {}
      return [
        set(at, responses, '299', {}),
        ...Object.entries(responses)
          .filter(([status]) => status.startsWith('2'))
          .flatMap(([status, response]) => [
            set(at, responses, status, undefined),
            ...(response.content ? [set(`${at} ${status}`, response, 'content', {})] : []),
            ...(response.headers ? [set(`${at} ${status}`, response, 'headers', {})] : []),
          ]),
      ]
    })
    expect(unnoticed(changes)).toEqual([])
  })
})

describe('a webhook', () => {
  it('may not lose a message, a header or an answer', () => {
    const changes = ofWebhooks.flatMap(([at, operation, item]) => {
      const { parameters: headers = [], responses = {} } = operation
      return [
        set(at, item, 'post', undefined),
        ...headers.map((one) => set(at, operation, 'parameters', without(headers, one))),
        ...Object.keys(responses).map((status) => set(at, responses, status, undefined)),
      ]
    })
    expect(unnoticed(changes)).toEqual([])
  })
})

it('finds another way to authenticate', () => {
  const schemes = changed.components.securitySchemes ?? {}
  const changes = Object.keys(schemes).flatMap((name) => [
    set('', schemes, name, undefined),
    set('', schemes, name, { type: 'http', scheme: 'basic' }),
  ])
  expect(unnoticed(changes)).toEqual([])
})

describe('harmless changes', () => {
  it('add paths, operations, webhooks, parameters and refusals', () => {
    const [, operation] = ofPaths[0] ?? []
    expect(operation).toBeDefined()
    const optional = { name: 'new', in: 'query', schema: { type: 'string' } }
    const changes = [
      set('', changed.paths, '/v1/new', { get: operation ?? {} }),
      ...Object.entries(changed.paths).map(([at, item]) => set(at, item, 'patch', {})),
      set('', changed.webhooks ?? {}, 'new', { post: {} }),
      ...ofPaths.flatMap(([at, one]) => [
        set(at, one, 'parameters', [...(one.parameters ?? []), optional]),
        set(at, one.responses ?? {}, '418', {}),
      ]),
    ]
    expect(breaksOf(changes)).toEqual([])
  })

  it('add properties, which are optional in requests', () => {
    const changes = places
      .filter(({ schema }) => schema.properties)
      .flatMap(({ at, schema, use }) => [
        set(at, schema.properties ?? {}, 'new', { type: 'string' }),
        ...(use.request ? [] : [set(at, schema, 'required', Object.keys(schema.properties ?? {}))]),
        ...(use.response ? [] : [set(at, schema, 'required', undefined)]),
      ])
    expect(breaksOf(changes)).toEqual([])
  })

  it('permit more values in requests, and fewer in responses', () => {
    const enums = places.filter(({ schema }) => schema.enum && schema.enum.length > 1)
    const requestsOnly = enums.filter(({ use }) => !use.response)
    const responsesOnly = enums.filter(({ use }) => !use.request)
    const changes = [
      ...requestsOnly.map(({ at, schema }) =>
        set(at, schema, 'enum', [...(schema.enum ?? []), 'new']),
      ),
      ...responsesOnly.map(({ at, schema }) =>
        set(at, schema, 'enum', schema.enum?.slice(1) ?? []),
      ),
    ]
    expect(requestsOnly.length).toBeGreaterThan(0)
    expect(breaksOf(changes)).toEqual([])
  })

  it('widen limits, and change words and order', () => {
    const changes = places.flatMap(({ at, schema }) => [
      ...(['maximum', 'maxLength', 'maxItems'] as const)
        .filter((limit) => schema[limit] !== undefined)
        .map((limit, index) => set(at, schema, limit, index % 2 ? undefined : 1e6)),
      set(at, schema as { description?: string }, 'description', 'Other words.'),
      ...(schema.enum ? [set(at, schema, 'enum', schema.enum.toReversed())] : []),
      ...(schema.oneOf ? [set(at, schema, 'oneOf', schema.oneOf.toReversed())] : []),
      ...(schema.required ? [set(at, schema, 'required', schema.required.toReversed())] : []),
    ])
    expect(breaksOf(changes)).toEqual([])
  })
})

describe('the comparison', () => {
  it('says what breaks, in the words of the document', () => {
    const { schemas } = changed.components
    const breaks = breaksOf([
      set('', schemas.MailAccount?.properties?.username ?? {}, 'type', ['string', 'null']),
      set('', schemas.GrantStatus ?? {}, 'enum', [
        ...(schemas.GrantStatus?.enum ?? []),
        'dreaming',
      ]),
      set('', schemas.MailAccountInput?.properties ?? {}, 'from', undefined),
      set(
        '',
        schemas.AuthenticationInput ?? {},
        'oneOf',
        schemas.AuthenticationInput?.oneOf?.slice(0, 2),
      ),
    ])
    expect(breaks).toEqual([
      'GrantStatus: can now be "dreaming"',
      'MailAccount.username: can now be null',
      'MailAccountInput.from: was removed',
      'MailAccountInput.authentication: no longer accepts PasswordAuthenticationInput',
    ])
  })

  it('follows a schema that contains itself', () => {
    const tree = (type: string): Document => ({
      paths: {
        '/': {
          get: {
            responses: {
              200: { content: { json: { schema: { $ref: '#/components/schemas/Tree' } } } },
            },
          },
        },
      },
      components: {
        schemas: {
          Tree: {
            type: 'object',
            properties: { value: { type }, child: { $ref: '#/components/schemas/Tree' } },
          },
        },
      },
    })
    expect(findBreaks(tree('string'), tree('string'))).toEqual([])
    expect(findBreaks(tree('string'), tree('number'))).toEqual(['Tree.value: can now be number'])
  })

  it('refuses what it does not know instead of passing it', () => {
    const { Health: health = {} } = changed.components.schemas
    const undo = set('', health as { not?: Schema }, 'not', {}).apply()
    expect(() => findBreaks(released, changed)).toThrow('cannot compare the keywords')
    undo()
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
