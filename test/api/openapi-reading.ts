/** Queries on the OpenAPI document, for the tests that check its rules. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { z } from 'zod'
import type { Document, Schemas } from '../../api/openapi/examples.ts'
import { PROBLEM_JSON } from '../../api/problem.ts'
import type { AppEnv } from '../../api/routes/app-env.ts'

type Operation = NonNullable<NonNullable<Document['paths']>[string]['get']>
type Content = Record<string, { schema?: unknown; example?: unknown; examples?: object }>
type Response = { headers?: Record<string, object>; content?: Content }
type Schema = Schemas[string]

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const

/** Returns a part of the document, or what it refers to. */
export function partOf<Part extends object>(document: object, part: Part): Part {
  const { $ref } = part as { $ref?: string }
  if ($ref === undefined) return part
  const member = (node: unknown, step: string) => (node as Record<string, unknown>)[step]
  return $ref
    .split('/')
    .slice(1)
    .reduce(member, document as unknown) as Part
}

type Parts = { responses?: object; parameters?: object[] }

/** Replaces references to shared responses by what they refer to. */
const withParts = <Op extends Parts>(document: object, operation: Op): Op => ({
  ...operation,
  responses: mapValues(operation.responses ?? {}, (part: object) => partOf(document, part)),
})

/** Returns the operations by path and method, each with all its responses. */
export const pathsWithParts = (document: { paths: object }) =>
  mapValues(document.paths, (item: object) =>
    mapValues(item, (operation: Parts) => withParts(document, operation)),
  )

const mapValues = <Value, Result>(
  values: Record<string, Value> | object,
  convert: (value: Value) => Result,
): Record<string, Result> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, convert(value)]))

export const operationsOf = (document: Document) =>
  Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      if (!item[method]) return []
      const operation = withParts(document, item[method])
      const responses: Record<string, Response> = operation.responses ?? {}
      return {
        place: `${method.toUpperCase()} ${path}`,
        method,
        path,
        operation,
        responses,
        statuses: Object.keys(responses),
        codes: Object.values(responses).flatMap(({ content }) =>
          Object.keys(content?.[PROBLEM_JSON]?.examples ?? {}),
        ),
      }
    }),
  )

/** Returns every problem example with the status it is listed under. */
export function problemExamples(document: Document) {
  const examples: Record<string, object> = document.components?.examples ?? {}
  return operationsOf(document).flatMap(({ responses }) =>
    Object.entries(responses).flatMap(([status, { content }]) =>
      Object.entries(content?.[PROBLEM_JSON]?.examples ?? {}).map(
        ([code, { $ref }]: [string, { $ref: string }]) => ({
          code,
          status,
          example: examples[$ref.replace('#/components/examples/', '')],
        }),
      ),
    ),
  )
}

type Example = { where: string; schema: z.ZodType; example: unknown }

/** Pairs the document's examples with the zod schemas that validate such bodies. */
export function zodExamples(app: OpenAPIHono<AppEnv>, document: Document): Example[] {
  const operations = operationsOf(document)
  return app.openAPIRegistry.definitions.flatMap((definition) => {
    if (definition.type !== 'route') return []
    const { method, path, request, responses } = definition.route
    const found = operations.find((other) => other.method === method && other.path === path)
    if (!found) throw new Error(`${method} ${path} is not in the document`)
    const bodies: [string, object | undefined, Content | undefined][] = [
      ['request', request?.body?.content, bodyOf(found.operation)],
      ...Object.entries(responses).map(
        ([status, response]): [string, object | undefined, Content | undefined] => [
          `answer ${status}`,
          'content' in response ? response.content : undefined,
          found.responses[status]?.content,
        ],
      ),
    ]
    return bodies.flatMap(([what, declared, documented]) =>
      Object.entries(declared ?? {})
        .filter(([type]) => type !== PROBLEM_JSON)
        .map(([type, { schema }]) => ({
          where: `${found.place} (${what})`,
          schema,
          example:
            documented?.[type]?.example ?? namedExample(document, documented?.[type]?.schema),
        })),
    )
  })
}

const namedExample = (document: Document, schema: unknown) =>
  schema ? partOf<{ example?: unknown }>(document, schema).example : undefined

function bodyOf({ requestBody }: Operation): Content | undefined {
  return requestBody && 'content' in requestBody ? requestBody.content : undefined
}

/** Returns properties and parameters that neither they nor the schema they refer to describes. */
export function undescribedMembers(document: Document): string[] {
  const schemas: Schemas = document.components?.schemas ?? {}

  const isDescribed = (schema: Schema): boolean => {
    if ('$ref' in schema) {
      const named = schemas[schema.$ref.replace('#/components/schemas/', '')]
      return schema.description !== undefined || (named !== undefined && isDescribed(named))
    }
    const parts = [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]
    return schema.description !== undefined || parts.some(isDescribed)
  }

  const bareIn = (schema: Schema, where: string): string[] => {
    if ('$ref' in schema) return []
    const members = Object.entries(schema.properties ?? {}).flatMap(([name, member]) => [
      ...(isDescribed(member) ? [] : [`${where}.${name}`]),
      ...bareIn(member, `${where}.${name}`),
    ])
    const { allOf = [], oneOf = [], anyOf = [], items } = schema
    const parts = [...allOf, ...oneOf, ...anyOf, ...(items ? [items] : [])]
    return [...members, ...parts.flatMap((part) => bareIn(part, where))]
  }

  const parameters = operationsOf(document).flatMap(({ place, operation }) =>
    (operation.parameters ?? []).flatMap((parameter) => {
      if ('$ref' in parameter) return []
      const { description, schema, name } = parameter
      return description || (schema && isDescribed(schema)) ? [] : [`${place} ?${name}`]
    }),
  )
  return [
    ...Object.entries(schemas).flatMap(([name, schema]) => bareIn(schema, name)),
    ...parameters,
  ]
}
