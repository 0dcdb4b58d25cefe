/**
 * The viewer fills a form with the examples of its parameters and sends them: a list tried out would
 * be filtered to nothing, a change refused by an `If-Match` that nobody typed. So the example of what
 * may be left out is told in words.
 */
type Schema = { $ref?: string; example?: unknown }
type Parameter = { required?: boolean; description?: string; schema?: Schema }
type Operation = { parameters?: Parameter[] }
export type Paths = Record<string, Record<string, Operation>>

export const withEmptyForms = (paths: Paths, schemas: Record<string, Schema>): Paths =>
  mapValues(paths, (item) =>
    mapValues(item, ({ parameters = [], ...operation }) => ({
      ...operation,
      parameters: parameters.map((parameter) => asEmpty(parameter, schemas)),
    })),
  )

function asEmpty(parameter: Parameter, schemas: Record<string, Schema>): Parameter {
  const { required, description = '', schema = {} } = parameter
  if (required) return parameter
  const named = schemas[schema.$ref?.replace('#/components/schemas/', '') ?? '']
  const { example, ...rest } = named ?? schema
  if (example === undefined) return parameter
  return { ...parameter, schema: rest, description: `${description} Such as \`${example}\`.` }
}

const mapValues = <Value, Mapped>(
  object: Record<string, Value>,
  map: (value: Value) => Mapped,
): Record<string, Mapped> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
