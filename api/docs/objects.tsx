/** Properties of parameters and bodies, and the objects of a page. */
import { raw } from 'hono/html'
import { problemCodes } from '../../schema/problems.ts'
import { renderMarkdown } from './markdown.ts'
import {
  type Document,
  dereference,
  nameOf,
  type ReferenceDocument,
  type Schema,
} from './openapi.ts'

export type Property = {
  name: string
  required: boolean
  schema: Schema
  description?: string
  /** Place of a parameter. */
  place?: string
}

export function propertiesOf(document: Document, schema: Schema): Property[] {
  const { properties = {}, required = [] } = dereference(document, schema)
  return Object.entries(properties).map(([name, each]) => ({
    name,
    required: required.includes(name),
    schema: each,
  }))
}

/** Returns true for a schema that has its own section: one with properties or variants. */
function isObject(document: Document, schema: Schema): boolean {
  const { properties, oneOf, anyOf } = dereference(document, schema)
  return properties !== undefined || [...(oneOf ?? []), ...(anyOf ?? [])].some((each) => each.$ref)
}

/**
 * Returns the names of all objects that the schemas refer to, in the order in which a reader meets them. Leaves out those
 * in `elsewhere`, and what only these refer to.
 */
export function objectsIn(
  document: Document,
  schemas: readonly Schema[],
  elsewhere: (name: string) => boolean = () => false,
): string[] {
  const names = new Set<string>()
  const visit = (schema: Schema) => {
    if (schema.$ref !== undefined && isObject(document, schema)) {
      if (names.has(nameOf(schema.$ref)) || elsewhere(nameOf(schema.$ref))) return
      names.add(nameOf(schema.$ref))
    }
    const {
      properties = {},
      items,
      oneOf,
      anyOf,
      additionalProperties,
    } = dereference(document, schema)
    const parts = [Object.values(properties), items, oneOf, anyOf, additionalProperties].flat()
    for (const part of parts) if (typeof part === 'object') visit(part)
  }
  for (const schema of schemas) visit(schema)
  return [...names]
}

export const ObjectList = (props: { document: ReferenceDocument; names: readonly string[] }) =>
  props.names.length > 0 && (
    <>
      <h2 id="objects">Objects</h2>
      {props.names.map((name) => (
        <ObjectSection document={props.document} name={name} />
      ))}
    </>
  )

const ObjectSection = ({ document, name }: { document: ReferenceDocument; name: string }) => {
  const schema = dereference(document, { $ref: name })
  const variants = schema.oneOf ?? schema.anyOf
  return (
    <details id={name} class="card">
      <summary>
        <h3>{name}</h3>
      </summary>
      <Description text={schema.description} />
      {variants && (
        <p>
          One of: <Alternatives document={document} schemas={variants} />
        </p>
      )}
      <Properties
        document={document}
        properties={propertiesOf(document, schema)}
        output={!document.inputs.has(name)}
      />
    </details>
  )
}

type PropertiesProps = {
  document: ReferenceDocument
  properties: readonly Property[]
  /**
   * True for objects that are only returned. Properties that may be absent are marked, not those that are always
   * present.
   */
  output?: boolean
}

export const Properties = ({ document, properties, output = false }: PropertiesProps) =>
  properties.length > 0 && (
    <ul class="properties">
      {properties.map((property) => (
        <PropertyItem document={document} property={property} output={output} />
      ))}
    </ul>
  )

type ItemProps = { document: ReferenceDocument; property: Property; output: boolean }

const PropertyItem = ({ document, property, output }: ItemProps) => {
  const { name, required, place } = property
  const schema = dereference(document, property.schema)
  const inner = property.schema.$ref === undefined ? propertiesOf(document, schema) : []
  const isProblemCode = schema.enum?.length === problemCodes.length
  return (
    <li>
      <p>
        <code class="name">{name}</code> <Type document={document} schema={property.schema} />
        {place !== undefined && place !== 'path' && <span class="quiet"> {place}</span>}
        {required && !output && place !== 'path' && <span class="required"> required</span>}
        {!required && output && <span class="quiet"> optional</span>}
      </p>
      {isProblemCode ? (
        <p>
          One of the <a href="/docs/problems">problem codes</a>.
        </p>
      ) : (
        <Description text={property.description ?? schema.description} />
      )}
      {!isProblemCode && schema.enum && schema.enum.length > 1 && <Values values={schema.enum} />}
      {inner.length > 0 && <Properties document={document} properties={inner} output={output} />}
    </li>
  )
}

const Values = ({ values }: { values: readonly unknown[] }) => (
  <p class="quiet">
    One of{' '}
    {values.map((value, index) => (
      <>
        {index > 0 && ', '}
        <code>{String(value)}</code>
      </>
    ))}
    .
  </p>
)

const Description = ({ text }: { text: string | undefined }) =>
  text !== undefined && <>{raw(renderMarkdown(text, 3))}</>

type TypeProps = { document: ReferenceDocument; schema: Schema }

const Type = ({ document, schema }: TypeProps) => (
  <span class="type">
    <TypeName document={document} schema={schema} />
  </span>
)

const TypeName = ({ document, schema }: TypeProps) => {
  if (schema.$ref !== undefined && isObject(document, schema)) {
    return <ObjectLink document={document} name={nameOf(schema.$ref)} />
  }
  const found = dereference(document, schema)
  const variants = found.oneOf ?? found.anyOf
  if (variants) return <Alternatives document={document} schemas={variants} />
  if (found.items) {
    return (
      <>
        array of <TypeName document={document} schema={found.items} />
      </>
    )
  }
  const types = [found.type ?? 'any'].flat().join(' or ')
  return <>{found.format === 'date-time' ? types.replace('string', 'time') : types}</>
}

export const ObjectLink = ({ document, name }: { document: ReferenceDocument; name: string }) => (
  <a href={`${document.objectPages.get(name)}#${name}`}>{name}</a>
)

const Alternatives = ({
  document,
  schemas,
}: {
  document: ReferenceDocument
  schemas: readonly Schema[]
}) => (
  <>
    {schemas.map((schema, index) => (
      <>
        {index > 0 && ' or '}
        <TypeName document={document} schema={schema} />
      </>
    ))}
  </>
)
