/** The parts of an OpenAPI document that the pages show. */
export type Schema = {
  $ref?: string
  title?: string
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
export type Parameter = {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  description?: string
  schema: Schema
}
type Content = Record<string, { schema?: Schema; examples?: Record<string, unknown> }>
export type Response = {
  description: string
  headers?: Record<string, { description?: string; schema?: Schema }>
  content?: Content
}
export type Operation = {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  security?: Record<string, unknown>[]
  'x-required-scope'?: string
  parameters?: (Parameter | { $ref: string })[]
  requestBody?: { required?: boolean; content: Content }
  responses: Record<string, Response | { $ref: string }>
}
type Components = {
  schemas: Record<string, Schema>
  parameters: Record<string, Parameter>
  responses: Record<string, Response>
}
export type Document = {
  info: { description: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  webhooks: Record<string, { post: Operation }>
  components: Components
}

/** An operation with its address, and with its references replaced. */
export type Call = Omit<Operation, 'parameters' | 'responses'> & {
  method: string
  path: string
  parameters: Parameter[]
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
    parameters: parameters.map((each) => resolve(components.parameters, each)),
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

/** Returns the example of a schema, composed of those of its parts where it has none. */
export function exampleOf(document: Document, schema: Schema): unknown {
  const { example, enum: values, type, ...rest } = dereference(document, schema)
  if (example !== undefined) return example
  if (values) return values[0]
  const [first] = rest.oneOf ?? rest.anyOf ?? []
  if (first) return exampleOf(document, first)
  if (rest.properties) {
    return Object.fromEntries(
      Object.entries(rest.properties).map(([name, each]) => [name, exampleOf(document, each)]),
    )
  }
  if (rest.items) return [exampleOf(document, rest.items)]
  if (type === 'boolean') return true
  return type === 'integer' || type === 'number' ? 1 : null
}

/** Returns the media type and schema of a body. */
export function bodyOf(content: Content | undefined): { type: string; schema: Schema } | null {
  const [[type, { schema }] = ['', { schema: undefined }]] = Object.entries(content ?? {})
  return schema ? { type, schema } : null
}

/** Returns the codes of the problems with which a call can be answered. */
export const problemCodes = ({ responses }: Call): string[] =>
  Object.values(responses).flatMap(({ content }) =>
    Object.keys(content?.['application/problem+json']?.examples ?? {}),
  )
