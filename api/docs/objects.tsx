/** Properties of parameters and bodies, and the objects of a page. */
import { raw } from 'hono/html'
import { problemCodes } from '../../schema/problems.ts'
import { renderMarkdown } from './markdown.ts'
import { type Document, dereference, nameOf, type Property, type Schema } from './openapi.ts'

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

/** Returns the names of all objects that the schemas refer to, in the order in which a reader meets them. */
function objectsIn(document: Document, schemas: readonly Schema[]): string[] {
  const names = new Set<string>()
  const visit = (schema: Schema) => {
    if (schema.$ref !== undefined && isObject(document, schema)) {
      if (names.has(nameOf(schema.$ref))) return
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

/** The objects that the schemas refer to, each with its properties. */
export const ObjectList = (props: { document: Document; schemas: readonly Schema[] }) => {
  const names = objectsIn(props.document, props.schemas)
  return (
    names.length > 0 && (
      <>
        <h2 id="objects">Objects</h2>
        {names.map((name) => (
          <ObjectSection document={props.document} name={name} />
        ))}
      </>
    )
  )
}

const ObjectSection = ({ document, name }: { document: Document; name: string }) => {
  const schema = dereference(document, { $ref: name })
  return (
    <details id={name} class="card">
      <summary>
        <h3>{name}</h3>
      </summary>
      <Description text={schema.description} />
      <OneOf document={document} schema={schema} />
      <Properties document={document} properties={propertiesOf(document, schema)} output />
    </details>
  )
}

/** The variants of a schema, if it has several. */
export const OneOf = ({ document, schema }: TypeProps) => {
  const variants = schema.oneOf ?? schema.anyOf
  return (
    variants && (
      <p>
        One of: <Alternatives document={document} schemas={variants} />
      </p>
    )
  )
}

type PropertiesProps = {
  document: Document
  properties: readonly Property[]
  /** True for objects: properties that may be absent are marked, instead of those that a caller must send. */
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

type ItemProps = { document: Document; property: Property; output: boolean }

const PropertyItem = ({ document, property, output }: ItemProps) => {
  const { name, required, in: place } = property
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

type TypeProps = { document: Document; schema: Schema }

const Type = ({ document, schema }: TypeProps) => (
  <span class="type">
    <TypeName document={document} schema={schema} />
  </span>
)

const TypeName = ({ document, schema }: TypeProps) => {
  if (schema.$ref !== undefined && isObject(document, schema)) {
    return <ObjectLink name={nameOf(schema.$ref)} />
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

/** A link to an object, which is on the same page. */
export const ObjectLink = ({ name }: { name: string }) => <a href={`#${name}`}>{name}</a>

const Alternatives = ({
  document,
  schemas,
}: {
  document: Document
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
