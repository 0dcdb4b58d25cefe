/**
 * Plain messages for zod issues, since zod's own use the names of its types. A message in the schema
 * takes precedence.
 */
import { z } from 'zod'

type Issue = z.core.$ZodRawIssue

const KINDS: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

export function describeIssue(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? REQUIRED : `must be ${KINDS[issue.expected] ?? OTHER}`
    case 'invalid_value':
      return issue.input === undefined ? REQUIRED : choice(issue.values)
    case 'invalid_union':
      return union(issue)
    case 'too_small':
    case 'too_big':
      return range(issue)
    case 'invalid_format':
      return 'has an invalid format'
    case 'unrecognized_keys':
      return unrecognised(issue)
    default:
      return `must be ${OTHER}`
  }
}

const REQUIRED = 'is required'
const OTHER = 'of a different type'

const choice = (values: readonly unknown[]) =>
  values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(', ')}`

/** Lists the known names, since most such mistakes are another name for one of them. */
function unrecognised({ inst }: Extract<Issue, { code: 'unrecognized_keys' }>) {
  const members = inst instanceof z.ZodObject ? Object.entries<z.ZodType>(inst.shape) : []
  const names = members.filter(([, member]) => !isIgnored(member)).map(([name]) => name)
  const known = names.length === 0 ? '' : ` (known: ${names.join(', ')})`
  return `is not recognised${known}`
}

/** Returns true for a member of which any value is accepted. Not by its description, which the bundle lacks. */
const isIgnored = (member: z.ZodType) =>
  member instanceof z.ZodOptional && member.unwrap() instanceof z.ZodUnknown

/** Describes a failed discriminated union by its discriminator, the member at fault. */
function union({ input, discriminator, ...issue }: Extract<Issue, { code: 'invalid_union' }>) {
  const options: unknown = issue.options
  if (discriminator === undefined || !Array.isArray(options)) return `must be ${OTHER}`
  const named = Object.entries(input ?? {}).some(([name]) => name === discriminator)
  return named ? choice(options) : REQUIRED
}

/** Describes both bounds where there are two, so that fixing one does not break the other. */
function range(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const checks = (issue.schema?._zod.def.checks ?? []).map((check) =>
    boundsOf({ ...check._zod.def }),
  )
  const own = issue.code === 'too_small' ? { minimum: issue.minimum } : { maximum: issue.maximum }
  const { minimum, maximum }: Bounds = Object.assign({}, ...checks, own)
  // The expected type decides what is counted, since a string in place of an array has a length, too.
  const [verb, what] = MEASURES[issue.schema?._zod.def.type ?? issue.origin] ?? ['be', '']
  if (minimum === undefined) return `must ${verb} at most ${maximum}${what}`
  if (maximum === undefined) return `must ${verb} at least ${minimum}${what}`
  return `must ${verb} ${minimum} to ${maximum}${what}`
}

type Bounds = { minimum?: unknown; maximum?: unknown }

function boundsOf({ check, minimum, maximum, value }: Record<string, unknown>): Bounds {
  if (check === 'min_length') return { minimum }
  if (check === 'max_length') return { maximum }
  if (check === 'greater_than') return { minimum: value }
  return check === 'less_than' ? { maximum: value } : {}
}

const MEASURES: Record<string, readonly [verb: string, what: string]> = {
  string: ['have', ' characters'],
  array: ['have', ' entries'],
}
