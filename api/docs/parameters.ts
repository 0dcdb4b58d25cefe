/**
 * Moves the examples of optional parameters into their descriptions. The viewer would otherwise prefill
 * and send them: a list would be filtered to nothing, a change rejected by an `If-Match` the user never
 * entered.
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
  return { ...parameter, schema: rest, description: `${description} Example: \`${example}\`.` }
}

const mapValues = <Value, Mapped>(
  object: Record<string, Value>,
  map: (value: Value) => Mapped,
): Record<string, Mapped> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
