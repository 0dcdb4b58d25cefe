/**
 * Completes the generated document with what every operation has in common: a sentence with its scope, the problems of
 * any call, an example of each body and of each problem.
 */

import { ProblemCode } from '../../schema/problem.ts'
import { problemCodes, problemTable } from '../../schema/problems.ts'
import { PROBLEM_JSON, problemBody } from '../problem.ts'
import { ANY_HOST_PATHS } from '../routes/host-check.ts'
import { METHODS_WITH_BODY } from '../routes/json.ts'
import { sampleProblems } from '../routes/to-problem.ts'
import { type Document, exampleOf, type Schemas } from './examples.ts'

type Operation = NonNullable<NonNullable<Document['paths']>[string]['get']>
type Response = Exclude<NonNullable<Operation['responses']>[string], { $ref: string }>
type Content = NonNullable<Response['content']>
type Media = NonNullable<Content[string]>

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const

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

export function complete(document: Document): Document {
  const { components = {}, paths = {} } = document
  const schemas = { ...components.schemas, ...withCodes(components.schemas) }
  const completed = Object.entries(paths).map(([path, item]) => {
    const operations = METHODS.flatMap((method) => {
      const operation = item[method]
      return operation ? [[method, completeOperation(path, method, operation, schemas)]] : []
    })
    return [path, { ...item, ...Object.fromEntries(operations) }]
  })
  const messages = Object.entries(document.webhooks ?? {}).map(([type, item]) => {
    const { post } = item as { post: Operation }
    return [type, { post: { ...post, ...bodyOf(post, schemas) } }]
  })
  const text = JSON.stringify([completed, messages])
  const bodies = Object.entries(schemas).filter(([name]) =>
    text.includes(`{"schema":{"$ref":"#/components/schemas/${name}"}}`),
  )
  const exemplify = (known: Schemas): Schemas => {
    const examples = bodies.map(([name, schema]) => [
      name,
      { ...schema, example: exampleOf(schema, known) },
    ])
    return { ...schemas, ...Object.fromEntries(examples) }
  }
  // Twice, so that the example of an authorization includes that of its grant.
  const exemplified = exemplify(exemplify(schemas))
  const used = problemCodes.filter((code) => text.includes(`"${exampleRef(code)}"`))
  return {
    ...document,
    paths: Object.fromEntries(completed),
    webhooks: Object.fromEntries(messages),
    components: {
      ...components,
      schemas: withStatedDefaults(exemplified),
      examples: Object.fromEntries(used.map((code) => [code, problemExample(code)])),
    },
  }
}

function completeOperation(
  path: string,
  method: string,
  operation: Operation,
  schemas: Schemas,
): Operation {
  const { description = '', responses = {}, tags = [] } = operation
  const scope: unknown = operation['x-required-scope']
  return {
    ...operation,
    description: scope ? `${description}\n\nScope: \`${scope}\`.` : description,
    ...(tags.includes('Console') && { 'x-internal': true }),
    ...bodyOf(operation, schemas),
    responses: {
      ...successResponses(responses, schemas),
      ...problemResponses(path, method, operation),
    },
  }
}

function bodyOf({ requestBody }: Operation, schemas: Schemas): Pick<Operation, 'requestBody'> {
  if (!requestBody || '$ref' in requestBody) return {}
  return { requestBody: { ...requestBody, content: withExamples(requestBody.content, schemas) } }
}

function successResponses(responses: NonNullable<Operation['responses']>, schemas: Schemas) {
  const completed = Object.entries(responses).map(([status, response]: [string, Response]) => {
    const { content } = response
    const headers = WAITING.includes(Number(status)) && { headers: RETRY_AFTER }
    const examples = content && { content: withExamples(content, schemas) }
    return [status, { ...response, ...headers, ...examples }]
  })
  return Object.fromEntries(completed)
}

/** Adds an example to each body that has none, unless its schema has a name and so an example of its own. */
function withExamples(content: Content, schemas: Schemas): Content {
  const completed = Object.entries<Media>(content).map(([type, media]) => {
    const { schema, example, examples } = media
    if (!schema || example !== undefined || examples || '$ref' in schema) return [type, media]
    return [type, { ...media, example: exampleOf(schema, schemas) }]
  })
  return Object.fromEntries(completed)
}

/** Returns all problems of an operation by status, including those common to all calls. */
function problemResponses(
  path: string,
  method: string,
  { responses = {}, security, parameters, ...operation }: Operation,
) {
  // The token endpoint responds in the form of OAuth, not with problems.
  if (Object.hasOwn(responses, '400') && !JSON.stringify(responses).includes(PROBLEM_JSON))
    return {}
  const stated = Object.values(responses).flatMap((response: Response) =>
    Object.keys(response.content?.[PROBLEM_JSON]?.examples ?? {}),
  )
  const codes = new Set(ProblemCode.array().parse(stated))
  if (!ANY_HOST_PATHS.includes(path)) codes.add('misdirected_request')
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
  const byCode = [...byStatus].map(([status, same]) => [status, problemResponse(same)])
  // Middleware can reject a call that the operation itself never would.
  const noClientError = ![...byStatus.keys()].some((status) => status < 500)
  return Object.fromEntries(noClientError ? [...byCode, ['4XX', REJECTED_EARLY]] : byCode)
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

const REJECTED_EARLY: Response = {
  ...problemResponse(['method_not_allowed']),
  description: 'The method is not allowed, or the request was rejected before it was processed.',
}

/** Describes each problem code. */
const withCodes = ({ ProblemCode: codes }: Schemas = {}): Schemas =>
  codes ? { ProblemCode: { ...codes, description: codesDescription } } : {}

/**
 * States defaults in the description only. With the keyword, openapi-typescript makes a property of a named schema
 * required, in requests too.
 */
function withStatedDefaults(schemas: Schemas): Schemas {
  const stated = (member: Schemas[string]) => {
    if (!('default' in member)) return member
    const { default: value, ...rest } = member
    const { description = '' } = rest
    if (/\bDefault: /.test(description)) return rest
    return { ...rest, description: `${description} Default: \`${value}\`.` }
  }
  const converted = Object.entries(schemas).map(([name, schema]) => {
    if ('$ref' in schema || !schema.properties) return [name, schema]
    const members = Object.entries(schema.properties)
    const properties = Object.fromEntries(members.map(([key, member]) => [key, stated(member)]))
    return [name, { ...schema, properties }]
  })
  return Object.fromEntries(converted)
}

const WHERE = {
  publicUrl: 'https://mailgrant.example.com',
  path: '/v1/mail-accounts',
  requestId: '0b1f7c3e-54b6-4f0f-9a3e-2f6d1c8a7e55',
}

const samples = Map.groupBy(sampleProblems(), ({ code }) => code)

/** Returns the example of a code as a component. Throws for a code of which there is no sample. */
function problemExample(code: ProblemCode) {
  const [sample] = samples.get(code) ?? []
  if (!sample) throw new Error(`${code} needs a sample in routes/to-problem.ts`)
  return { summary: problemTable[code].title, value: problemBody(sample, WHERE) }
}

/** Description of the property `code`. */
const codesDescription = `Stable problem code; branch on this.\n\n${problemCodes
  .map((code) => `- \`${code}\` (${problemTable[code].status}): ${problemTable[code].title}.`)
  .join('\n')}`
