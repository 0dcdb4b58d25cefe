/**
 * Completes the generated document with what operations have in common: a sentence with the scope, the problems of any
 * call, an example of each body and of each problem.
 */
import { ProblemCode } from '../../schema/problem.ts'
import { problemCodes, problemTable } from '../../schema/problems.ts'
import { PROBLEM_JSON, problemBody } from '../problem.ts'
import { ANY_HOST_PATHS } from '../routes/host-check.ts'
import { METHODS_WITH_BODY } from '../routes/json.ts'
import { type Document, exampleOf, type Schemas } from './examples.ts'

type Operation = NonNullable<NonNullable<Document['paths']>[string]['get']>
type Response = Exclude<NonNullable<Operation['responses']>[string], { $ref: string }>
type Content = NonNullable<Response['content']>
type Media = NonNullable<Content[string]>
type Schema = Schemas[string]

/** Problems of every call with a key; `key_missing` because the hash of the key is sealed. */
const WITH_KEY: ProblemCode[] = [
  'unauthorized',
  'rate_limited',
  'key_missing',
  'storage_unavailable',
  'internal_error',
]

/** Problems of every scope; `validation_failed` because of query parameters that a call does not have. */
const WITH_SCOPE: ProblemCode[] = ['insufficient_scope', 'key_limited', 'validation_failed']

/** Problems of reading a body, even where the operation takes none. */
const WITH_BODY: ProblemCode[] = ['payload_too_large', 'invalid_json']

/** Problems of calls that take an `Idempotency-Key`. */
const WITH_IDEMPOTENCY: ProblemCode[] = ['idempotency_key_reused', 'idempotency_in_progress']

/** Responses that several operations have, by name. */
type Shared = Record<string, Response>

export function complete(document: Document): Document {
  const { components = {} } = document
  const schemas = { ...components.schemas, ...withCodes(components.schemas) }
  const responses: Shared = {}
  const paths = mapValues(document.paths ?? {}, (item, path) =>
    mapValues(item as Record<string, Operation>, (operation, method) =>
      completeOperation(path, method, operation, schemas, responses),
    ),
  )
  const webhooks = mapValues(document.webhooks ?? {}, (item) =>
    mapValues(item as Record<string, Operation>, (operation) => ({
      ...operation,
      ...bodyOf(operation, schemas),
    })),
  )
  const text = JSON.stringify([paths, webhooks, responses])
  const bodies = Object.entries(schemas).filter(([name]) =>
    text.includes(`{"schema":{"$ref":"#/components/schemas/${name}"}}`),
  )
  const exemplify = (known: Schemas): Schemas => ({
    ...schemas,
    ...mapValues(Object.fromEntries(bodies), (schema) => ({
      ...schema,
      example: exampleOf(schema, known),
    })),
  })
  const used = problemCodes.filter((code) => text.includes(`"${exampleRef(code)}"`))
  return {
    ...document,
    paths,
    webhooks,
    components: {
      ...components,
      // Twice, so that the example of an authorization includes that of its grant.
      schemas: mapValues(exemplify(exemplify(schemas)), withStatedDefaults),
      responses,
      examples: Object.fromEntries(used.map((code) => [code, problemExample(code)])),
    },
  } as Document
}

function completeOperation(
  path: string,
  method: string,
  operation: Operation,
  schemas: Schemas,
  shared: Shared,
): Operation {
  const { 'x-problems': _, ...withoutProblems } = operation
  const { description = '', responses = {}, tags = [] } = operation
  const scope: unknown = operation['x-required-scope']
  return {
    ...withoutProblems,
    description: scope ? `${description}\n\nScope: \`${scope}\`.` : description,
    ...(tags.includes('Console') && { 'x-internal': true }),
    ...bodyOf(operation, schemas),
    responses: {
      ...successResponses(responses, schemas),
      ...problemResponses(path, method, operation, shared),
    },
  }
}

function bodyOf({ requestBody }: Operation, schemas: Schemas): Pick<Operation, 'requestBody'> {
  if (!requestBody || '$ref' in requestBody) return {}
  return { requestBody: { ...requestBody, content: withExamples(requestBody.content, schemas) } }
}

const successResponses = (responses: NonNullable<Operation['responses']>, schemas: Schemas) =>
  mapValues(responses as Record<string, Response>, (response, status) => ({
    ...response,
    ...(WAITING.includes(Number(status)) && { headers: RETRY_AFTER }),
    ...(response.content && { content: withExamples(response.content, schemas) }),
  }))

/** Adds an example to each body that has none, unless its schema has a name and so an example of its own. */
const withExamples = (content: Content, schemas: Schemas): Content =>
  mapValues(content as Record<string, Media>, (media) => {
    const { schema, example, examples } = media
    if (!schema || example !== undefined || examples || '$ref' in schema) return media
    return { ...media, example: exampleOf(schema, schemas) }
  })

/** Returns all problems of an operation by status, including those common to all calls. */
function problemResponses(
  path: string,
  method: string,
  { responses = {}, security, parameters, ...operation }: Operation,
  shared: Shared,
) {
  // The token endpoint responds in the form of OAuth, not with problems.
  if (Object.hasOwn(responses, '400')) return {}
  const codes = new Set(ProblemCode.array().parse(operation['x-problems'] ?? []))
  codes.add(ANY_HOST_PATHS.includes(path) ? 'method_not_allowed' : 'misdirected_request')
  if (security?.length) for (const code of WITH_KEY) codes.add(code)
  const takesBody = METHODS_WITH_BODY.includes(method.toUpperCase())
  if (takesBody) for (const code of WITH_BODY) codes.add(code)
  if (operation['x-required-scope']) {
    for (const code of WITH_SCOPE) codes.add(code)
    if (takesBody) codes.add('unsupported_media_type')
  }
  if (path.includes('{')) codes.add('not_found')
  const named = parameters?.map((parameter) => ('name' in parameter ? parameter.name : ''))
  if (named?.includes('if-match')) codes.add('precondition_failed')
  if (named?.includes('idempotency-key')) for (const code of WITH_IDEMPOTENCY) codes.add(code)
  const ordered = ProblemCode.options.filter((code) => codes.has(code))
  const byStatus = Map.groupBy(ordered, (code) => problemTable[code].status)
  return Object.fromEntries([...byStatus].map(([status, same]) => [status, share(same, shared)]))
}

/** Returns a reference to the response with one or two problems, such as `NotFound`. More belong to one operation. */
function share(codes: ProblemCode[], shared: Shared) {
  if (codes.length > 2) return problemResponse(codes)
  const pascal = (code: string) =>
    code.replaceAll(/(?:^|_)(\w)/g, (_, letter) => letter.toUpperCase())
  const name = codes.map(pascal).join('Or')
  shared[name] = problemResponse(codes)
  return { $ref: `#/components/responses/${name}` }
}

function problemResponse(codes: ProblemCode[]): Response {
  const waits = codes.some((code) => WAITING.includes(problemTable[code].status))
  const examples = codes.map((code) => [code, { $ref: exampleRef(code) }])
  return {
    description: codes.map((code) => `\`${code}\`: ${problemTable[code].title}.`).join('\n\n'),
    ...(waits && { headers: RETRY_AFTER }),
    content: {
      [PROBLEM_JSON]: {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(examples),
      },
    },
  }
}

const exampleRef = (code: string) => `#/components/examples/${code}`

/** Statuses whose responses have `Retry-After`. */
const WAITING = [429, 503]

const RETRY_AFTER = {
  'Retry-After': {
    description: 'Seconds to wait before retrying.',
    schema: { type: 'integer' as const, example: 5 },
  },
}

/** Describes each problem code. */
const withCodes = ({ ProblemCode: codes }: Schemas = {}): Schemas =>
  codes ? { ProblemCode: { ...codes, description: codesDescription } } : {}

/**
 * States defaults in the description only. With the keyword, openapi-typescript makes a property of a named schema
 * required, in requests too.
 */
function withStatedDefaults(schema: Schema): Schema {
  if ('$ref' in schema || !schema.properties) return schema
  const properties = mapValues(schema.properties, (member) => {
    if (!('default' in member)) return member
    const { default: value, ...rest } = member
    const { description = '' } = rest
    if (/\bDefault: /.test(description)) return rest
    return { ...rest, description: `${description} Default: \`${value}\`.` }
  })
  return { ...schema, properties }
}

/** Returns the example of a problem, whose `detail` is the help about all cases. */
function problemExample(code: ProblemCode) {
  const { title, help } = problemTable[code]
  const value = problemBody(
    {
      code,
      detail: help.replaceAll('`', ''),
      ...(code === 'validation_failed' && {
        errors: [{ pointer: '/username', message: 'is required' }],
      }),
    },
    {
      publicUrl: 'https://mailgrant.example.com',
      path: '/v1/mail-accounts',
      requestId: '0b1f7c3e-54b6-4f0f-9a3e-2f6d1c8a7e55',
    },
  )
  return { summary: title, value }
}

/** Description of the property `code`. */
const codesDescription = `Stable problem code; branch on this.\n\n${problemCodes
  .map((code) => `- \`${code}\` (${problemTable[code].status}): ${problemTable[code].title}.`)
  .join('\n')}`

const mapValues = <Value, Result>(
  values: Record<string, Value>,
  convert: (value: Value, name: string) => Result,
): Record<string, Result> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, convert(value, name)]))
