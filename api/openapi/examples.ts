/**
 * Composes an example of every body from the examples of its properties, which are stated once, beside
 * the property. A schema's own example takes precedence.
 */
import type { OpenAPIHono } from '@hono/zod-openapi'

export type Document = ReturnType<OpenAPIHono['getOpenAPI31Document']>
export type Schemas = NonNullable<NonNullable<Document['components']>['schemas']>
type Schema = Schemas[string]

/**
 * Returns the example, the default or the first enum value of a schema. Without these, composes one from its parts; a
 * nullable schema is then null, and a boolean false. Returns undefined if nothing can be composed, as for a string.
 */
export function exampleOf(schema: Schema, schemas: Schemas): unknown {
  const resolved = resolve(schema, schemas)
  if (resolved.example !== undefined) return resolved.example
  if (resolved.default !== undefined) return resolved.default
  if (resolved.enum) return resolved.enum[0]
  const { anyOf, oneOf } = resolved
  const [choice] = oneOf ?? anyOf ?? []
  // A nullable property is null unless it states an example itself.
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
    // Optional properties appear only if they state an example.
    .filter(([name, member]) => required.includes(name) || 'example' in resolve(member, schemas))
    .map(([name, member]) => [name, exampleOf(member, schemas)])
  return Object.fromEntries(members)
}

type Resolved = Exclude<Schema, { $ref: string }>

/** Follows a reference; what is beside it (a description, an example, a default) takes precedence. */
function resolve(schema: Schema, schemas: Schemas): Resolved {
  if (!('$ref' in schema)) return schema
  const { $ref, ...added } = schema
  const named = schemas[$ref.replace('#/components/schemas/', '')]
  if (!named) throw new Error(`${$ref} is not in the document`)
  return { ...resolve(named, schemas), ...added }
}

const isNull = ({ type }: Resolved) => type === 'null'
