/**
 * An example of every body, composed from the examples of its members: stated once, beside the
 * member, and the same wherever it appears. A schema with an example of its own is taken at its word.
 */
import type { OpenAPIHono } from '@hono/zod-openapi'

export type Document = ReturnType<OpenAPIHono['getOpenAPI31Document']>
export type Schemas = NonNullable<NonNullable<Document['components']>['schemas']>
type Schema = Schemas[string]

/** Undefined where a member has neither an example nor a value that goes without saying. */
export function exampleOf(schema: Schema, schemas: Schemas): unknown {
  const resolved = resolve(schema, schemas)
  if (resolved.example !== undefined) return resolved.example
  if (resolved.default !== undefined) return resolved.default
  if (resolved.enum) return resolved.enum[0]
  const { allOf, anyOf, oneOf } = resolved
  if (allOf) return exampleOf(mergeAll(allOf, schemas), schemas)
  const [choice] = oneOf ?? anyOf ?? []
  // What may be null is null: an example that says more stands at the member.
  if (anyOf?.some((option) => isNull(resolve(option, schemas)))) return null
  if (choice) return exampleOf(choice, schemas)
  const types = [resolved.type ?? []].flat()
  if (types.includes('null')) return null
  if (types.includes('object')) return objectExample(resolved, schemas)
  if (types.includes('array') && resolved.items) {
    const item = exampleOf(resolved.items, schemas)
    return item === undefined ? undefined : [item]
  }
  return types.includes('boolean') ? false : undefined
}

function objectExample(schema: Resolved, schemas: Schemas): Record<string, unknown> {
  const { properties = {}, required = [] } = schema
  const members = Object.entries(properties)
    // Of what may be missing only that which is worth an example.
    .filter(([name, member]) => required.includes(name) || hasExample(member, schemas))
    .map(([name, member]) => [name, exampleOf(member, schemas)])
  return Object.fromEntries(members)
}

type Resolved = Exclude<Schema, { $ref: string }>

function resolve(schema: Schema, schemas: Schemas): Resolved {
  if (!('$ref' in schema)) return schema
  const named = schemas[schema.$ref.replace('#/components/schemas/', '')]
  if (!named) throw new Error(`${schema.$ref} is not in the document`)
  return resolve(named, schemas)
}

/** A reference with what its place adds to it: a description, an example, a default. */
const mergeAll = (parts: Schema[], schemas: Schemas): Resolved =>
  Object.assign({}, ...parts.map((part) => resolve(part, schemas)))

const hasExample = (schema: Schema, schemas: Schemas): boolean => {
  const resolved = resolve(schema, schemas)
  const parts = resolved.allOf?.map((part) => resolve(part, schemas)) ?? [resolved]
  return parts.some(({ example }) => example !== undefined)
}

const isNull = ({ type }: Resolved) => type === 'null'
