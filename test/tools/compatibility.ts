/**
 * Compares two versions of the OpenAPI document. Every difference can break a client of the first, unless a rule of this
 * file permits it. Names of schemas count, since generated clients name their types by them.
 *
 * A schema is a set of values. A change that widens it can break those who receive them, one that narrows it those who
 * send them. Clients ignore properties that they do not know, and accept new values of what is marked `x-extensible`.
 */

export type Document = { paths: object; webhooks?: object; components: object }

type Members = { [name: string]: unknown }
const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null

/** Members that only describe, so that a change of them breaks no client. */
const ANNOTATIONS =
  /^(?:openapi|info|servers|tags|title|summary|description|examples?|deprecated|discriminator|contentMediaType)$/

/** Lists and maps whose members are compared one by one. */
const COLLECTIONS = ['properties', 'required', 'parameters', 'responses', 'content', 'headers']
/** Collections that can gain a member without breaking a client. */
const EXTENSIBLE = [...COLLECTIONS, 'paths', 'webhooks', 'schemas', 'securitySchemes']
/** Keywords whose members are the possible values. */
const VALUES = ['enum', 'oneOf', 'anyOf', 'type']
const LOWER_LIMITS = ['minimum', 'minLength', 'minItems']
const UPPER_LIMITS = ['maximum', 'maxLength', 'maxItems']

/** Makes lists into members by value, name or reference, since their order does not count. */
function toMembers(value: unknown): unknown {
  if (Array.isArray(value)) {
    return Object.fromEntries(value.map((item) => [keyOf(item), toMembers(item)]))
  }
  if (!isMembers(value)) return value
  const members = Object.entries(value).filter(([name]) => !ANNOTATIONS.test(name))
  return Object.fromEntries(
    members.map(([name, member]) => {
      if (name === 'type') return [name, toMembers([member].flat())]
      if (name === 'properties' && isMembers(member)) return [name, toProperties(member)]
      return [name, toMembers(member)]
    }),
  )
}

/** Marks the names of properties, so that none is taken for a keyword. */
const toProperties = (properties: Members) =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [`.${name}`, toMembers(schema)]),
  )

function keyOf(item: unknown): string {
  if (!isMembers(item)) return JSON.stringify(item)
  const { $ref, name, in: place, type, enum: values } = item
  if ($ref !== undefined) return String($ref)
  if (name !== undefined) return `${place} ${name}`
  if (type !== undefined) return values === undefined ? `${type}` : `${type} of a list`
  return Object.keys(item).join()
}

const lookUp = (document: unknown, path: readonly string[]): unknown =>
  path.reduce((value: unknown, name) => (isMembers(value) ? value[name] : undefined), document)

const resolve = (document: unknown, reference: string): unknown =>
  lookUp(document, reference.replace('#/', '').split('/'))

/** A difference between two versions; undefined stands for what is missing. */
type Change = { path: string[]; old: unknown; now: unknown }

function* changesOf(old: unknown, now: unknown, path: string[] = []): Generator<Change> {
  const isCollection = COLLECTIONS.includes(path.at(-1) ?? '')
  const [before, after] = isCollection ? [old ?? {}, now ?? {}] : [old, now]
  if (isMembers(before) && isMembers(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* changesOf(before[name], after[name], [...path, name])
    }
  } else if (old !== now) yield { path, old, now }
}

const NO_EFFECT = { widens: false, narrows: false }

function effectOf({ path, old, now }: Change, after: unknown): typeof NO_EFFECT {
  const [container = '', name = ''] = path.slice(-2)
  const isNew = old === undefined
  const isGone = now === undefined
  if ([container, name].includes('required')) return { widens: !now, narrows: !old }
  if (VALUES.includes(container)) return { widens: isNew, narrows: isGone }
  if (['enum', 'format'].includes(name)) return { widens: !isNew, narrows: !isGone }
  if (name === 'pattern') return { widens: false, narrows: !isGone }
  if (name === 'default') return { widens: false, narrows: !isNew }
  const isWider =
    (LOWER_LIMITS.includes(name) && Number(now) < Number(old)) ||
    (UPPER_LIMITS.includes(name) && Number(now) > Number(old))
  if (LOWER_LIMITS.includes(name) || UPPER_LIMITS.includes(name)) {
    return { widens: false, narrows: !isGone && !isWider }
  }

  // A refusal that is new or gone breaks nothing: clients branch on its code.
  const isSuccess = /^2/.test(path[path.indexOf('responses') + 1] ?? '')
  const isRefusal = path[0] !== 'webhooks' && path.includes('responses') && !isSuccess
  if (isRefusal && (container === 'responses' || name === '$ref')) return NO_EFFECT
  if (path[0] === 'paths' && container === 'parameters' && isMembers(now)) {
    const parameter = now.$ref === undefined ? now : resolve(after, String(now.$ref))
    return { widens: false, narrows: lookUp(parameter, ['required']) === true }
  }
  const isOtherSuccess = path[0] === 'paths' && container === 'responses' && isSuccess
  const isMethod = path.length === 3 && path[0] !== 'components'
  if (isNew && !isOtherSuccess && (isMethod || EXTENSIBLE.includes(container))) return NO_EFFECT
  return { widens: true, narrows: true }
}

/** Returns the references within a part of the document, and within what they refer to. */
function reach(document: unknown, part: unknown, found = new Set<string>()): Set<string> {
  for (const [, reference = ''] of JSON.stringify(part ?? '').matchAll(/"\$ref":"(.+?)"/g)) {
    if (found.has(reference)) continue
    found.add(reference)
    reach(document, resolve(document, reference), found)
  }
  return found
}

/** Returns the members with these names of all operations below `paths` or `webhooks`. */
const partsOf = (items: object = {}, ...names: string[]) =>
  Object.values(items).flatMap((item) =>
    Object.values(item as Members).flatMap((operation) =>
      names.map((name) => lookUp(operation, [name])),
    ),
  )

/** Returns a sentence for each change that can break a client. */
export function findBreaks(before: Document, after: Document): string[] {
  const sent = reach(before, partsOf(before.paths, 'parameters', 'requestBody'))
  const received = reach(before, [
    partsOf(before.paths, 'responses'),
    partsOf(before.webhooks, 'parameters', 'requestBody'),
  ])
  const old = toMembers(before)
  const breaks = [...changesOf(old, toMembers(after))].filter((change) => {
    const { path } = change
    const reference = `#/${path.slice(0, 3).join('/')}`
    const isReceived =
      path[0] === 'components'
        ? received.has(reference)
        : (path[0] === 'webhooks') !== path.includes('responses')
    const isSent = !isReceived || sent.has(reference)
    const { widens, narrows } = effectOf(change, after)
    const isExtensible = lookUp(old, [...path.slice(0, -2), 'x-extensible']) === true
    const canWiden = isExtensible && change.old === undefined
    return (narrows && isSent) || (widens && isReceived && !canWiden)
  })
  return breaks.map(({ path, old, now }) => {
    const at = path.join('.').replaceAll('..', '.')
    if (old === undefined) return `${at}: was added`
    if (now === undefined) return `${at}: was removed`
    return `${at}: changed from ${JSON.stringify(old)} to ${JSON.stringify(now)}`
  })
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
