/** Moves responses and parameters that several operations have in common to the components. */
import { PROBLEM_JSON } from '../problem.ts'
import type { Document } from './examples.ts'

type Item = NonNullable<Document['paths']>[string]
type Operation = NonNullable<Item['get']>
type Response = { content?: Record<string, { examples?: object }> }
type Place = { name: string | null; part: object }

export function withSharedParts(document: Document): Document {
  const items = Object.entries({ ...document.paths, ...document.webhooks }) as [string, Item][]
  const operations = items.flatMap(([, item]) => Object.values(item) as Operation[])
  const responses = shared(
    'responses',
    operations.flatMap((operation) =>
      Object.values(operation.responses ?? {}).map((part) => ({ name: responseName(part), part })),
    ),
  )
  const parameters = shared(
    'parameters',
    operations.flatMap(({ parameters = [] }) =>
      parameters.map((part) => ({ name: parameterName(part), part })),
    ),
  )
  const convert = (operation: Operation) => ({
    ...operation,
    ...(operation.parameters && { parameters: operation.parameters.map(parameters.refer) }),
    responses: mapValues(operation.responses ?? {}, responses.refer),
  })
  const convertAll = (all: object = {}) =>
    mapValues(all, (item: object) => mapValues(item, convert))
  return {
    ...document,
    paths: convertAll(document.paths),
    webhooks: convertAll(document.webhooks),
    components: {
      ...document.components,
      responses: responses.components,
      parameters: parameters.components,
    },
  } as Document
}

/** Collects the parts that occur more than once and whose names are unique among them. */
function shared(kind: 'responses' | 'parameters', places: Place[]) {
  const byText = Map.groupBy(places, ({ part }) => JSON.stringify(part))
  const repeated = [...byText].filter(([, same]) => same.length > 1)
  const byName = Map.groupBy(repeated, ([, [first]]) => first?.name ?? null)
  const named = [...byName].flatMap(([name, [[text] = [''], ...others]]): [string, string][] =>
    name !== null && others.length === 0 ? [[name, text]] : [],
  )
  const names = new Map(named.map(([name, text]) => [text, name]))
  return {
    components: Object.fromEntries(named.map(([name, text]) => [name, JSON.parse(text)])),
    refer: (part: object) => {
      const name = names.get(JSON.stringify(part))
      return name === undefined ? part : { $ref: `#/components/${kind}/${name}` }
    },
  }
}

/**
 * Returns the name of a response, from its problems: `NotFound`, `InsufficientScopeOrKeyLimited`. Null for none, or
 * more than two.
 */
function responseName({ content }: Response): string | null {
  const codes = Object.keys(content?.[PROBLEM_JSON]?.examples ?? {})
  return codes.length === 0 || codes.length > 2 ? null : codes.map(pascal).join('Or')
}

/** Returns null for parameters of a path, whose `id` is another thing in each. */
const parameterName = (parameter: object): string | null =>
  'name' in parameter && 'in' in parameter && parameter.in !== 'path'
    ? pascal(String(parameter.name))
    : null

const pascal = (name: string) =>
  name.replaceAll(/(?:^|[-_])(\w)/g, (_, letter: string) => letter.toUpperCase())

const mapValues = <Value, Result>(
  values: Record<string, Value> | object,
  convert: (value: Value) => Result,
) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, convert(value)]))
