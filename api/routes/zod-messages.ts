/**
 * What is wrong with a member, in words for whoever sent it: zod's own are about its types. A schema
 * that says it better is heard first.
 */
import type { z } from 'zod'

type Issue = z.core.$ZodRawIssue

const KINDS: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

export function describeIssue(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? NEEDED : `must be ${KINDS[issue.expected] ?? OTHER}`
    case 'invalid_value':
      return issue.input === undefined ? NEEDED : choice(issue.values)
    case 'invalid_union':
      return union(issue)
    case 'too_small':
    case 'too_big':
      return range(issue)
    case 'invalid_format':
      return 'has the wrong form'
    case 'unrecognized_keys':
      return 'is not a known member'
    default:
      return `must be ${OTHER}`
  }
}

const NEEDED = 'is needed'
const OTHER = 'of another kind'

const choice = (values: readonly unknown[]) =>
  values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(', ')}`

/** Of objects that one of their members tells apart: that member is what is wrong. */
function union({ input, discriminator, ...issue }: Extract<Issue, { code: 'invalid_union' }>) {
  const options: unknown = issue.options
  if (discriminator === undefined || !Array.isArray(options)) return `must be ${OTHER}`
  const named = Object.entries(input ?? {}).some(([name]) => name === discriminator)
  return named ? choice(options) : NEEDED
}

/** Both ends, where there are two: who has put one right need not run into the other. */
function range(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const checks = (issue.schema?._zod.def.checks ?? []).map((check) => endsOf({ ...check._zod.def }))
  const own = issue.code === 'too_small' ? { minimum: issue.minimum } : { maximum: issue.maximum }
  const { minimum, maximum }: Ends = Object.assign({}, ...checks, own)
  // A text where a list belongs has a length, too: what it should be tells what is counted.
  const [verb, what] = MEASURES[issue.schema?._zod.def.type ?? issue.origin] ?? ['be', '']
  if (minimum === undefined) return `must ${verb} ${maximum}${what} at most`
  if (maximum === undefined) return `must ${verb} ${minimum}${what} at least`
  return `must ${verb} ${minimum} to ${maximum}${what}`
}

type Ends = { minimum?: unknown; maximum?: unknown }

function endsOf({ check, minimum, maximum, value }: Record<string, unknown>): Ends {
  if (check === 'min_length') return { minimum }
  if (check === 'max_length') return { maximum }
  if (check === 'greater_than') return { minimum: value }
  return check === 'less_than' ? { maximum: value } : {}
}

const MEASURES: Record<string, readonly [verb: string, what: string]> = {
  string: ['have', ' characters'],
  array: ['have', ' entries'],
}
