/**
 * Replaces the copies of named schemas by references. The generator copies a named schema where it is optional or has
 * another description, and code generated from such a document has one type per copy. A copy becomes
 * `{ $ref, description }`, which OpenAPI 3.1 allows.
 */
import type { Document, Schemas } from './examples.ts'

type Json = Record<string, unknown>

/** Keywords that a place may add to the schema it refers to. */
const ANNOTATIONS = ['description', 'example', 'default'] as const

/** Members that hold values instead of schemas. */
const VALUES: readonly string[] = ['example', 'examples', 'default', 'enum']

export function withReferences(document: Document): Document {
  const schemas: Schemas = document.components?.schemas ?? {}
  const names = new Map(Object.entries(schemas).map(([name, schema]) => [shapeOf(schema), name]))

  const convert = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(convert)
    if (!isObject(node)) return node
    const reference = referenceOf(node)
    if (reference) return reference
    return convertMembers(node)
  }

  const convertMembers = (node: Json): Json => {
    const { oneOf, ...flat } = node
    const branches = Array.isArray(oneOf) && oneOf.flatMap(flatten)
    const members = Object.entries(branches ? { ...flat, oneOf: branches } : node)
    return Object.fromEntries(
      members.map(([name, member]) => [name, VALUES.includes(name) ? member : convert(member)]),
    )
  }

  const referenceOf = (node: Json): Json | null => {
    const { allOf } = node
    const name = names.get(shapeOf(node))
    const own = name === undefined ? null : (schemas[name] as Json)
    if (own) return { $ref: `#/components/schemas/${name}`, ...annotationsBeyond(own, node) }
    if (!Array.isArray(allOf) || allOf.length !== 2) return null
    const [reference, added] = allOf
    const onlyAnnotates = shapeOf(added) === '{}'
    return '$ref' in reference && onlyAnnotates ? { ...reference, ...added } : null
  }

  const converted = Object.entries(schemas).map(([name, schema]) => [
    name,
    convertMembers(schema as Json),
  ])
  return {
    ...document,
    paths: convert(document.paths),
    webhooks: convert(document.webhooks),
    components: { ...document.components, schemas: Object.fromEntries(converted) },
  } as Document
}

/** Returns the schema without annotations, as text by which copies are found. */
function shapeOf(schema: object): string {
  const shape = Object.entries(schema).filter(
    ([name]) => !(ANNOTATIONS as readonly string[]).includes(name),
  )
  return JSON.stringify(Object.fromEntries(shape))
}

/** Returns the annotations of a copy that its original does not have. */
const annotationsBeyond = (original: Json, copy: Json): Json =>
  Object.fromEntries(
    ANNOTATIONS.filter(
      (name) => name in copy && JSON.stringify(copy[name]) !== JSON.stringify(original[name]),
    ).map((name) => [name, copy[name]]),
  )

/** Returns the branches of a union inside a union, which generators cannot tell apart by one property. */
const flatten = (branch: Json): unknown[] =>
  Array.isArray(branch.oneOf) ? branch.oneOf.flatMap(flatten) : [branch]

const isObject = (node: unknown): node is Json => typeof node === 'object' && node !== null
