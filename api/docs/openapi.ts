/** The parts of an OpenAPI document that the pages show. */
import type { ProblemCode } from '../../schema/problems.ts'

export type Schema = {
  $ref?: string
  type?: string | string[]
  description?: string
  example?: unknown
  enum?: unknown[]
  format?: string
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  oneOf?: Schema[]
  anyOf?: Schema[]
}
/** A parameter, or a property of a body or an object. */
export type Property = {
  name: string
  in?: 'path' | 'query' | 'header'
  required?: boolean
  description?: string
  schema: Schema
}
type Content = Record<
  string,
  { schema?: Schema; example?: unknown; examples?: Record<string, unknown> }
>
type Response = { description: string; content?: Content }
type Operation = {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  security?: Record<string, unknown>[]
  'x-required-scope'?: string
  parameters?: Property[]
  requestBody?: { required?: boolean; content: Content }
  responses: Record<string, Response | { $ref: string }>
}
export type Document = {
  info: { description: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  webhooks: Record<string, { post: Operation }>
  components: { schemas: Record<string, Schema>; responses: Record<string, Response> }
}

/** An operation with its address, and with its references replaced. */
export type Call = Omit<Operation, 'parameters' | 'responses'> & {
  method: string
  path: string
  parameters: Property[]
  responses: Record<string, Response>
}

export function callsOf(document: Document): Call[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => toCall(document, method, path, operation)),
  )
}

export function toCall(
  { components }: Document,
  method: string,
  path: string,
  operation: Operation,
): Call {
  const { parameters = [], responses } = operation
  return {
    ...operation,
    method: method.toUpperCase(),
    path,
    parameters,
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, each]) => [
        status,
        resolve(components.responses, each),
      ]),
    ),
  }
}

/** Returns the name at the end of a reference. */
export const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1)

function resolve<Part extends object>(parts: Record<string, Part>, part: Part | { $ref: string }) {
  if (!('$ref' in part)) return part
  const found = parts[nameOf(part.$ref)]
  if (!found) throw new Error(`${part.$ref} is not in the document.`)
  return found
}

/** Returns a schema with the members beside its reference, which take precedence. */
export function dereference({ components }: Document, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema
  const { $ref, ...own } = schema
  return { ...resolve<Schema>(components.schemas, { $ref }), ...own }
}

/** Returns the example of a body or a parameter, which the document states. */
export function exampleOf(document: Document, schema: Schema): unknown {
  const { example, enum: [first] = [null] } = dereference(document, schema)
  return example === undefined ? first : example
}

/** Returns the media type of a body and its schema, with its example. */
export function bodyOf(content: Content | undefined): { type: string; schema: Schema } | null {
  const [[type, { schema, example }] = ['', { schema: undefined, example: undefined }]] =
    Object.entries(content ?? {})
  return schema ? { type, schema: example === undefined ? schema : { ...schema, example } } : null
}

export const problemCodes = ({ responses }: Call): ProblemCode[] =>
  Object.values(responses).flatMap(
    ({ content }) =>
      Object.keys(content?.['application/problem+json']?.examples ?? {}) as ProblemCode[],
  )
