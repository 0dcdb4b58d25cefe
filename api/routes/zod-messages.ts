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

function range(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const [word, bound] =
    issue.code === 'too_small' ? ['least', issue.minimum] : ['most', issue.maximum]
  // The expected type decides what is counted, since a string in place of an array has a length, too.
  const unit = UNITS[issue.schema?._zod.def.type ?? issue.origin]
  if (unit === undefined) return `must be at ${word} ${bound}`
  return `must have at ${word} ${bound} ${unit}${bound === 1 ? '' : 's'}`
}

const UNITS: Record<string, string> = { string: 'character', array: 'item' }
