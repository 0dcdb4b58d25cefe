/**
 * What every operation of the document has without saying so: its scope in words, the problems of
 * any call, an example of each body and of each problem.
 */
import { ProblemCode } from '../schema/problem.ts'
import { type Document, exampleOf, type Schemas } from './openapi-examples.ts'
import { problemExample } from './openapi-problems.ts'
import { PROBLEM_JSON, problemTable } from './problem.ts'

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

export function complete(document: Document): Document {
  const schemas = document.components?.schemas ?? {}
  const paths = Object.entries(document.paths ?? {}).map(([path, item]) => {
    const whole = { ...item }
    for (const method of METHODS) {
      const operation = item[method]
      if (operation) whole[method] = completeOperation(operation, path, schemas)
    }
    return [path, whole]
  })
  return { ...document, paths: Object.fromEntries(paths) }
}

function completeOperation(operation: Operation, path: string, schemas: Schemas): Operation {
  const scope: unknown = operation['x-required-scope']
  const { description = '', parameters = [], requestBody, responses = {} } = operation
  const place = parameters.reduce<string>((text, parameter) => {
    if ('$ref' in parameter || parameter.in !== 'path' || !parameter.schema) return text
    return text.replace(`{${parameter.name}}`, String(exampleOf(parameter.schema, schemas)))
  }, path)
  return {
    ...operation,
    description: scope ? `${description}\n\nScope: \`${scope}\`.` : description,
    ...(requestBody &&
      'content' in requestBody && {
        requestBody: { ...requestBody, content: withExamples(requestBody.content, schemas) },
      }),
    responses: { ...answers(responses, schemas), ...refusals(operation, place) },
  }
}

function answers(responses: NonNullable<Operation['responses']>, schemas: Schemas) {
  const whole = Object.entries(responses).map(([status, response]: [string, Response]) => [
    status,
    response.content ? { ...response, content: withExamples(response.content, schemas) } : response,
  ])
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
function refusals(operation: Operation, place: string) {
  const { responses = {}, security } = operation
  const stated = Object.values(responses).flatMap((response: Response) =>
    Object.keys(response.content?.[PROBLEM_JSON]?.examples ?? {}),
  )
  const codes = new Set(ProblemCode.array().parse(stated))
  if (security?.length) for (const code of WITH_KEY) codes.add(code)
  if (operation['x-required-scope']) codes.add('insufficient_scope')
  const byStatus = Map.groupBy(codes, (code) => problemTable[code].status)
  const known = [...byStatus].map(([status, same]) => [status, refusal(same, place)])
  // What stands before an operation can refuse a call that the operation itself never would.
  const open = ![...byStatus.keys()].some((status) => status < 500)
  return Object.fromEntries(open ? [...known, ['4XX', beforehand(place)]] : known)
}

function refusal(codes: ProblemCode[], place: string): Response {
  const waits = codes.some((code) => [429, 503].includes(problemTable[code].status))
  return {
    description: codes.map((code) => `\`${code}\`: ${problemTable[code].title}.`).join('\n\n'),
    ...(waits && { headers: { 'Retry-After': RETRY_AFTER } }),
    content: {
      [PROBLEM_JSON]: {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(codes.map((code) => [code, problemExample(code, place)])),
      },
    },
  }
}

const beforehand = (place: string): Response => ({
  ...refusal(['method_not_allowed'], place),
  description: 'Another method, or whatever else is refused at any address.',
})

/** Statuses that say when to come back. */
const WAIT: readonly number[] = [429, 503]

const RETRY_AFTER = {
  description: 'Seconds to wait before the next try.',
  schema: { type: 'integer' as const, example: 5 },
}
