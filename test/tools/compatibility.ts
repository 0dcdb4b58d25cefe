/**
 * Compares two versions of the OpenAPI document, and finds the changes that can break a client of the first.
 *
 * A schema is a set of values. What clients send must still be accepted: the old set must be within the new
 * one. What they receive must still be something they know: the new set must be within the old one. Clients
 * ignore properties that they do not know, and accept new values of enums and unions marked `x-extensible`.
 */

export type Schema = {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  contentSchema?: Schema
  pattern?: string
  format?: string
  default?: unknown
  'x-extensible'?: boolean
} & Partial<Record<Limit, number>>

type Limit = (typeof LOWER_LIMITS | typeof UPPER_LIMITS)[number]
const LOWER_LIMITS = ['minimum', 'minLength', 'minItems'] as const
const UPPER_LIMITS = ['maximum', 'maxLength', 'maxItems'] as const

type Content = Record<string, { schema?: Schema }>
type Header = { $ref?: string; required?: boolean; schema?: Schema }
type Parameter = Header & { name?: string; in?: string }
type Body = { $ref?: string; required?: boolean; content?: Content }
type Response = { $ref?: string; headers?: Record<string, Header>; content?: Content }
export type Operation = {
  operationId?: string
  parameters?: Parameter[]
  requestBody?: Body
  responses?: Record<string, Response>
  security?: Record<string, string[]>[]
  'x-required-scope'?: string
}
type PathItem = Record<string, Operation>
export type Document = {
  paths: Record<string, PathItem>
  webhooks?: Record<string, PathItem>
  components: { schemas: Record<string, Schema>; securitySchemes?: Record<string, object> }
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options']

/** Keywords without effect on the set of values. */
const ANNOTATIONS = /^(title|description|examples?|deprecated|discriminator|contentMediaType|x-.*)$/
const COMPARED = new Set<string>([
  ...['$ref', 'type', 'enum', 'properties', 'required', 'additionalProperties', 'items'],
  ...['anyOf', 'oneOf', 'contentSchema', 'pattern', 'format', 'default'],
  ...LOWER_LIMITS,
  ...UPPER_LIMITS,
])

/**
 * Returns a sentence for each change that can break a client, none if there is no such change. Throws if one
 * of the documents has something that it cannot compare.
 */
export function findBreaks(before: Document, after: Document): string[] {
  const compare = createComparison(before, after)
  const breaks = [
    ...everyOperation(before.paths, after.paths, compare.operation),
    ...everyOperation(before.webhooks ?? {}, after.webhooks ?? {}, compare.webhook),
    ...compareSecuritySchemes(before, after),
  ]
  return [...new Set(breaks)]
}

function everyOperation(
  before: Record<string, PathItem>,
  after: Record<string, PathItem>,
  compare: (old: Operation, now: Operation, at: string) => string[],
): string[] {
  return Object.entries(before).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, old]) => {
      if (!METHODS.includes(method)) throw new Error(`${path}: cannot compare "${method}"`)
      const at = `${method.toUpperCase()} ${path}`
      const now = after[path]?.[method]
      return now ? compare(old, now, at) : [`${at}: was removed`]
    }),
  )
}

function compareSecuritySchemes(before: Document, after: Document): string[] {
  const schemes = after.components.securitySchemes ?? {}
  const essence = (scheme: object | undefined) =>
    JSON.stringify(scheme, (key, value) => (key === 'description' ? undefined : value))
  return Object.entries(before.components.securitySchemes ?? {})
    .filter(([name, scheme]) => essence(scheme) !== essence(schemes[name]))
    .map(([name]) => `security scheme ${name}: changed`)
}

type Direction = 'request' | 'response'
const CHANGES = { request: 'no longer accepts', response: 'can now be' }

function createComparison(before: Document, after: Document) {
  const resolverOf = (document: Document) =>
    function resolve<Part extends { $ref?: string }>(part: Part): Part {
      if (part.$ref === undefined) return part
      const keys = part.$ref.replace(/^#\//, '').split('/')
      const found = keys.reduce<unknown>((value, key) => Object(value)[key], document)
      if (found === undefined) throw new Error(`nothing is at ${part.$ref}`)
      return found as Part
    }
  const inOld = resolverOf(before)
  const inNew = resolverOf(after)

  /** Results by direction and names. A schema that contains itself is being compared already. */
  const known = new Map<string, string[]>()

  /** Compares what clients send or receive. */
  function compare(direction: Direction, old: Schema, now: Schema, at: string): string[] {
    const key = `${direction} ${old.$ref} ${now.$ref}`
    const named = old.$ref !== undefined && now.$ref !== undefined
    if (!named) return compareAlternatives(direction, old, now, at)
    const found = known.get(key)
    if (found) return found
    known.set(key, [])
    const breaks = compareAlternatives(direction, old, now, at)
    known.set(key, breaks)
    return breaks
  }

  /** Looks for an alternative of the wide schema for each of the narrow one. */
  function compareAlternatives(direction: Direction, old: Schema, now: Schema, at: string) {
    const isRequest = direction === 'request'
    const extensible = !isRequest && inOld(old)['x-extensible'] === true
    const oldOnes = alternativesOf(old, inOld, at)
    const newOnes = alternativesOf(now, inNew, at)
    const [narrow, wide] = isRequest ? [oldOnes, newOnes] : [newOnes, oldOnes]
    return narrow.flatMap((one) => {
      const sameName = wide.filter(({ name }) => name === one.name)
      if (extensible && sameName.length === 0) return []
      const breaksOf = (other: Alternative) =>
        isRequest
          ? compareValues(direction, one, other, one.name)
          : compareValues(direction, other, one, one.name)
      if (wide.some((other) => breaksOf(other).length === 0)) return []
      const counterparts = sameName.length > 0 || wide.length > 1 ? sameName : wide
      if (counterparts.length === 0) return [`${at}: ${CHANGES[direction]} ${one.name}`]
      return counterparts
        .map(breaksOf)
        .reduce((best, breaks) => (breaks.length < best.length ? breaks : best))
    })
  }

  function compareValues(
    direction: Direction,
    { schema: old, type: oldType }: Alternative,
    { schema: now, type: newType }: Alternative,
    at: string,
  ): string[] {
    const isRequest = direction === 'request'
    const [narrow, wide] = isRequest ? [old, now] : [now, old]
    const [type, permitted] = isRequest ? [oldType, newType] : [newType, oldType]
    const change = CHANGES[direction]

    if (
      permitted !== undefined &&
      type !== permitted &&
      `${type} ${permitted}` !== 'integer number'
    ) {
      return [`${at}: ${change} ${type ?? 'any type'}`]
    }
    const breaks = compareEnums()
    if (wide.format !== undefined && wide.format !== narrow.format) {
      breaks.push(`${at}: format changed from ${old.format ?? 'none'} to ${now.format ?? 'none'}`)
    }
    if (isRequest) breaks.push(...compareLimits(old, now, at))
    if (old.items) breaks.push(...compare(direction, old.items, now.items ?? {}, `${at}[]`))
    else if (wide.items) breaks.push(`${at}: ${change} an array of anything`)
    if (old.contentSchema) {
      breaks.push(
        ...compare(direction, old.contentSchema, now.contentSchema ?? {}, `${at} (content)`),
      )
    }
    return [...breaks, ...compareProperties(direction, old, now, at)]

    function compareEnums(): string[] {
      if (!wide.enum || (!isRequest && wide['x-extensible'])) return []
      if (!narrow.enum) return [`${at}: ${change} values that are not listed`]
      const listed = new Set(wide.enum)
      return narrow.enum
        .filter((value) => !listed.has(value))
        .map((value) => `${at}: ${change} ${JSON.stringify(value)}`)
    }
  }

  function compareProperties(direction: Direction, old: Schema, now: Schema, at: string): string[] {
    const oldOnes = old.properties ?? {}
    const newOnes = now.properties ?? {}
    const breaks = Object.entries(oldOnes).flatMap(([name, schema]) => {
      const newOne = newOnes[name]
      if (!newOne) return [`${at}.${name}: was removed`]
      return compare(direction, schema, newOne, `${at}.${name}`)
    })
    if (direction === 'request') {
      const required = now.required?.filter((name) => !old.required?.includes(name)) ?? []
      breaks.push(...required.map((name) => `${at}.${name}: is now required`))
    } else {
      const optional = old.required?.filter(
        (name) => newOnes[name] && !now.required?.includes(name),
      )
      breaks.push(...(optional ?? []).map((name) => `${at}.${name}: can now be missing`))
    }
    return [...breaks, ...compareOthers(direction, old, now, at)]
  }

  /** Compares the properties that are not named. */
  function compareOthers(direction: Direction, old: Schema, now: Schema, at: string): string[] {
    const oldOthers = old.additionalProperties ?? true
    const newOthers = now.additionalProperties ?? true
    if (direction === 'request') {
      if (oldOthers !== false && newOthers === false) {
        return [`${at}: no longer accepts other properties`]
      }
      if (typeof newOthers !== 'object' || oldOthers === false) return []
    } else if (typeof oldOthers !== 'object' || newOthers === false) return []
    const schemaOf = (others: true | Schema) => (others === true ? {} : others)
    return compare(
      direction,
      schemaOf(oldOthers as true | Schema),
      schemaOf(newOthers as true | Schema),
      `${at}.*`,
    )
  }

  function compareContent(direction: Direction, old: Content = {}, now: Content = {}, at: string) {
    return Object.entries(old).flatMap(([type, { schema = {} }]) => {
      const newOne = now[type]
      if (!newOne) return [`${at}: ${type} was removed`]
      return compare(direction, schema, newOne.schema ?? {}, `${at} ${type}`)
    })
  }

  /** Compares headers that clients receive. */
  function compareHeaders(old: Record<string, Header>, now: Record<string, Header>, at: string) {
    return Object.entries(old).flatMap(([name, header]) => {
      const there = `${at}, header ${name}`
      const oldOne = inOld(header)
      const newOne = now[name] && inNew(now[name])
      if (!newOne) return [`${there}: was removed`]
      return [
        ...(oldOne.required && !newOne.required ? [`${there}: can now be missing`] : []),
        ...compare('response', oldOne.schema ?? {}, newOne.schema ?? {}, there),
      ]
    })
  }

  /** Compares parameters that clients send. */
  function compareParameters(old: Operation, now: Operation, at: string): string[] {
    const keyOf = (parameter: Parameter) => `${parameter.in} parameter ${parameter.name}`
    const oldOnes = (old.parameters ?? []).map(inOld)
    const newOnes = (now.parameters ?? []).map(inNew)
    const removed = oldOnes.filter((one) => !newOnes.some((other) => keyOf(other) === keyOf(one)))
    return [
      ...removed.map((one) => `${at}, ${keyOf(one)}: was removed`),
      ...newOnes.flatMap((one) => {
        const there = `${at}, ${keyOf(one)}`
        const previous = oldOnes.find((other) => keyOf(other) === keyOf(one))
        return [
          ...(one.required && !previous?.required ? [`${there}: is now required`] : []),
          ...(previous ? compare('request', previous.schema ?? {}, one.schema ?? {}, there) : []),
        ]
      }),
    ]
  }

  function compareRequestBodies(old: Operation, now: Operation, at: string): string[] {
    const oldBody = old.requestBody && inOld(old.requestBody)
    const newBody = now.requestBody && inNew(now.requestBody)
    const there = `${at}, request body`
    if (oldBody && !newBody) return [`${there}: was removed`]
    return [
      ...(newBody?.required && !oldBody?.required ? [`${there}: is now required`] : []),
      ...(oldBody ? compareContent('request', oldBody.content, newBody?.content, there) : []),
    ]
  }

  function compareResponses(old: Operation, now: Operation, at: string): string[] {
    const oldOnes = old.responses ?? {}
    const newOnes = now.responses ?? {}
    // A refusal that is new or gone breaks nothing: clients branch on its code.
    const added = Object.keys(newOnes).filter((status) => /^2/.test(status) && !oldOnes[status])
    return [
      ...added.map((status) => `${at}: now succeeds with ${status}`),
      ...Object.entries(oldOnes).flatMap(([status, response]) => {
        const newOne = newOnes[status] && inNew(newOnes[status])
        if (!newOne) return /^2/.test(status) ? [`${at}: no longer answers ${status}`] : []
        const oldOne = inOld(response)
        return [
          ...compareContent('response', oldOne.content, newOne.content, `${at}, ${status}`),
          ...compareHeaders(oldOne.headers ?? {}, newOne.headers ?? {}, `${at}, ${status}`),
        ]
      }),
    ]
  }

  /** A scope that is wider or weaker changes what a key that was given away can do. */
  function compareAccess(old: Operation, now: Operation, at: string): string[] {
    const scope = 'x-required-scope'
    const ways = ({ security = [] }: Operation) =>
      security.length === 0 ? ['{}'] : security.map((way) => JSON.stringify(way))
    return [
      ...(old[scope] === now[scope]
        ? []
        : [`${at}: scope changed from ${old[scope] ?? 'none'} to ${now[scope] ?? 'none'}`]),
      ...ways(old)
        .filter((way) => !ways(now).includes(way))
        .map((way) => `${at}: no longer accepts the authentication ${way}`),
    ]
  }

  return {
    operation: (old: Operation, now: Operation, at: string) => [
      // Generated clients name their methods by it.
      ...(old.operationId === now.operationId
        ? []
        : [`${at}: operationId changed from ${old.operationId} to ${now.operationId}`]),
      ...compareAccess(old, now, at),
      ...compareParameters(old, now, at),
      ...compareRequestBodies(old, now, at),
      ...compareResponses(old, now, at),
    ],
    /** Compares a message that clients receive, and the statuses with which they may answer it. */
    webhook(old: Operation, now: Operation, at: string): string[] {
      const headersOf = ({ parameters = [] }: Operation, resolve: typeof inOld) =>
        Object.fromEntries(
          parameters.map((one) => {
            const parameter = resolve(one)
            return [parameter.name ?? '', parameter]
          }),
        )
      const contentOf = ({ requestBody = {} }: Operation, resolve: typeof inOld) =>
        resolve(requestBody).content
      return [
        ...compareHeaders(headersOf(old, inOld), headersOf(now, inNew), at),
        ...compareContent('response', contentOf(old, inOld), contentOf(now, inNew), at),
        ...Object.keys(old.responses ?? {})
          .filter((status) => !now.responses?.[status])
          .map((status) => `${at}: no longer accepts the answer ${status}`),
      ]
    },
  }
}

/** One of the kinds of value that a schema permits. `type` is undefined if it permits every type. */
type Alternative = { name: string; type: string | undefined; schema: Schema }

/** Follows references, and takes unions and lists of types apart. `at` names what has no name of its own. */
function alternativesOf(
  schema: Schema,
  resolve: (schema: Schema) => Schema,
  at: string,
): Alternative[] {
  const keywords = Object.keys(schema).filter((keyword) => !ANNOTATIONS.test(keyword))
  const strange = keywords.filter((keyword) => !COMPARED.has(keyword))
  const isComposed = schema.$ref !== undefined || schema.anyOf || schema.oneOf
  if (strange.length > 0 || (isComposed && keywords.length > 1)) {
    throw new Error(`${at}: cannot compare the keywords ${keywords.join(', ')}`)
  }
  if (schema.$ref !== undefined) {
    return alternativesOf(resolve(schema), resolve, schema.$ref.replace(/^.*\//, ''))
  }
  const union = schema.anyOf ?? schema.oneOf
  if (union) return union.flatMap((one) => alternativesOf(one, resolve, at))
  const types = Array.isArray(schema.type) ? schema.type : [schema.type]
  return types.map((type) => {
    if (types.length === 1 || !schema.enum) return { name: at, type, schema }
    const values = schema.enum.filter((value) => (value === null) === (type === 'null'))
    return { name: at, type, schema: { ...schema, enum: values } }
  })
}

function compareLimits(old: Schema, now: Schema, at: string): string[] {
  const changed = (keyword: keyof Schema) =>
    `${at}: ${keyword} changed from ${JSON.stringify(old[keyword]) ?? 'none'} to ${JSON.stringify(now[keyword]) ?? 'none'}`
  const narrowed = [
    ...LOWER_LIMITS.filter((name) => (now[name] ?? -Infinity) > (old[name] ?? -Infinity)),
    ...UPPER_LIMITS.filter((name) => (now[name] ?? Infinity) < (old[name] ?? Infinity)),
  ]
  return [
    ...narrowed.map(changed),
    ...(now.pattern !== undefined && now.pattern !== old.pattern ? [changed('pattern')] : []),
    ...(old.default !== undefined && JSON.stringify(old.default) !== JSON.stringify(now.default)
      ? [changed('default')]
      : []),
  ]
}

const parseVersion = (version: string) => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return { major, minor }
}

/** Returns the first version after this one that may break clients: a major one, or before 1.0.0 a minor one. */
export function nextBreakingVersion(version: string): string {
  const { major, minor } = parseVersion(version)
  return major === 0 ? `0.${minor + 1}.0` : `${major + 1}.0.0`
}

export function permitsBreaks(before: string, after: string): boolean {
  const first = parseVersion(nextBreakingVersion(before))
  const { major, minor } = parseVersion(after)
  return major > first.major || (major === first.major && minor >= first.minor)
}
