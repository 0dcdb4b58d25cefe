/**
 * What every operation of the document has without saying so: its scope in words, the problems of
 * any call, an example of each body and of each problem.
 */
import { ProblemCode } from '../../schema/problem.ts'
import { PROBLEM_JSON, problemTable } from '../problem.ts'
import { type Document, exampleOf, type Schemas } from './examples.ts'
import { codesInWords, problemExamples } from './problems.ts'

type Operation = NonNullable<NonNullable<Document['paths']>[string]['get']>
type Response = Exclude<NonNullable<Operation['responses']>[string], { $ref: string }>
type Content = NonNullable<Response['content']>
type Media = NonNullable<Content[string]>

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const

/** What every call with a key can come to, whatever it is for. */
const WITH_KEY: ProblemCode[] = [
  'unauthorized',
  'rate_limited',
  'storage_unavailable',
  'internal_error',
]

/** Of calls that take an `Idempotency-Key`; `key_missing` since stored answers are sealed. */
const WITH_IDEMPOTENCY: ProblemCode[] = [
  'idempotency_key_reused',
  'idempotency_in_progress',
  'key_missing',
]

export function complete(document: Document): Document {
  const { components = {}, paths = {} } = document
  const schemas = { ...components.schemas, ...withCodes(components.schemas) }
  const whole = Object.entries(paths).map(([path, item]) => {
    const operations = METHODS.flatMap((method) => {
      const operation = item[method]
      return operation ? [[method, completeOperation(operation, schemas)]] : []
    })
    return [path, { ...item, ...Object.fromEntries(operations) }]
  })
  const messages = Object.entries(document.webhooks ?? {}).map(([type, item]) => {
    const { post } = item as { post: Operation }
    return [type, { post: { ...post, ...bodyOf(post, schemas) } }]
  })
  const text = JSON.stringify(whole)
  const shown = Object.entries(problemExamples).filter(([code]) => text.includes(exampleRef(code)))
  return {
    ...document,
    paths: Object.fromEntries(whole),
    webhooks: Object.fromEntries(messages),
    components: { ...components, schemas, examples: Object.fromEntries(shown) },
  }
}

function completeOperation(operation: Operation, schemas: Schemas): Operation {
  const { description = '', responses = {} } = operation
  const scope: unknown = operation['x-required-scope']
  return {
    ...operation,
    description: scope ? `${description}\n\nScope: \`${scope}\`.` : description,
    ...bodyOf(operation, schemas),
    responses: { ...answers(responses, schemas), ...refusals(operation) },
  }
}

function bodyOf({ requestBody }: Operation, schemas: Schemas): Pick<Operation, 'requestBody'> {
  if (!requestBody || '$ref' in requestBody) return {}
  return { requestBody: { ...requestBody, content: withExamples(requestBody.content, schemas) } }
}

function answers(responses: NonNullable<Operation['responses']>, schemas: Schemas) {
  const whole = Object.entries(responses).map(([status, response]: [string, Response]) => {
    const { content } = response
    return [status, content ? { ...response, content: withExamples(content, schemas) } : response]
  })
  return Object.fromEntries(whole)
}

function withExamples(content: Content, schemas: Schemas): Content {
  const whole = Object.entries<Media>(content).map(([type, media]) => {
    const { schema, example, examples } = media
    if (!schema || example !== undefined || examples) return [type, media]
    return [type, { ...media, example: exampleOf(schema, schemas) }]
  })
  return Object.fromEntries(whole)
}

/** All problems of an operation by status, those of every call among them. */
function refusals({ responses = {}, security, parameters, ...operation }: Operation) {
  const stated = Object.values(responses).flatMap((response: Response) =>
    Object.keys(response.content?.[PROBLEM_JSON]?.examples ?? {}),
  )
  const codes = new Set(ProblemCode.array().parse(stated))
  if (security?.length) for (const code of WITH_KEY) codes.add(code)
  if (operation['x-required-scope']) codes.add('insufficient_scope')
  const once = parameters?.some((one) => 'name' in one && one.name === 'idempotency-key')
  if (once) for (const code of WITH_IDEMPOTENCY) codes.add(code)
  const byStatus = Map.groupBy(codes, (code) => problemTable[code].status)
  const known = [...byStatus].map(([status, same]) => [status, refusal(same)])
  // What stands before an operation can refuse a call that the operation itself never would.
  const open = ![...byStatus.keys()].some((status) => status < 500)
  return Object.fromEntries(open ? [...known, ['4XX', BEFOREHAND]] : known)
}

function refusal(codes: ProblemCode[]): Response {
  const waits = codes.some((code) => [429, 503].includes(problemTable[code].status))
  const examples = codes.map((code) => [code, { $ref: exampleRef(code) }])
  return {
    description: codes.map((code) => `\`${code}\`: ${problemTable[code].title}.`).join('\n\n'),
    ...(waits && { headers: { 'Retry-After': RETRY_AFTER } }),
    content: {
      [PROBLEM_JSON]: {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(examples),
      },
    },
  }
}

const exampleRef = (code: string) => `#/components/examples/${code}`

const RETRY_AFTER = {
  description: 'Seconds to wait before the next try.',
  schema: { type: 'integer' as const, example: 5 },
}

const BEFOREHAND: Response = {
  ...refusal(['method_not_allowed']),
  description: 'Another method, or whatever else is refused at any address.',
}

/** Problems with the meaning of each code. */
function withCodes(schemas: Schemas = {}): Schemas {
  const { Problem } = schemas
  if (!Problem || '$ref' in Problem) return {}
  const code = { ...Problem.properties?.code, description: codesInWords }
  return { Problem: { ...Problem, properties: { ...Problem.properties, code } } }
}
