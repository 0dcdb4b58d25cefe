/**
 * Compares a transcript with what the sandbox sends to the same requests. The sandbox may leave out members that
 * Microsoft sends, but must not have others, or another status, number or type.
 */
import type { AssumptionId } from '../assumptions.ts'
import { steps } from './steps.ts'
import type { Entry, Shape } from './transcript.ts'

export type Difference = {
  step: string
  request: string
  what: string
  /** The statements that the step checks. */
  assumptions: readonly AssumptionId[]
}

type Http = Extract<Entry, { kind: 'http' }>
type Mail = Extract<Entry, { kind: 'mail' }>

/** Members whose text differs from one version of Microsoft's sentences to the next. */
const SENTENCES = ['error_description', 'message']
/** Members whose value is a size or a time. */
const AMOUNTS = ['expires_in', 'ext_expires_in']

/** Returns how a shape of the sandbox differs from the real one; null if it fits. */
function shapeDifference(real: Shape | undefined, sandbox: Shape, path = 'body'): string | null {
  if (real === undefined) return `${path} is missing`
  if (typeof real !== typeof sandbox) return `${path} has another type`
  if (Array.isArray(real) && Array.isArray(sandbox)) {
    const [one, other] = [real[0], sandbox[0]]
    return other === undefined ? null : shapeDifference(one, other, `${path}[0]`)
  }
  if (typeof sandbox === 'object' && typeof real === 'object') {
    const members = real as Record<string, Shape>
    for (const [name, shape] of Object.entries(sandbox)) {
      const isLoose = [...SENTENCES, ...AMOUNTS].includes(name)
      const loose = isLoose && typeof members[name] === typeof shape
      const found = loose ? null : shapeDifference(members[name], shape, `${path}.${name}`)
      if (found) return found
    }
    return null
  }
  return real === sandbox
    ? null
    : `${path} is ${JSON.stringify(real)}, not ${JSON.stringify(sandbox)}`
}

const requestOf = ({ method, url, request }: Http) => `${method} ${url} ${JSON.stringify(request)}`

/** The status at the beginning of a line of a mail server. */
const statusOf = ({ line }: Mail) =>
  /^(?:\{tag\} |\w\d )?(?:OK|NO|BAD)|^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(line)?.[0]

const mailStatuses = (entries: readonly Entry[], step: string) =>
  entries
    .filter((entry): entry is Mail => entry.kind === 'mail' && entry.step === step)
    .filter(({ from }) => from === 'server')
    .flatMap((entry) => statusOf(entry) ?? [])
    // Repeated statuses count once, since the number of lines in a reply to EHLO differs.
    .filter((status, index, list) => status !== list[index - 1])
    .join(', ')

export function differences(real: readonly Entry[], sandbox: readonly Entry[]): Difference[] {
  const found: Difference[] = []
  for (const { id: step, checks: assumptions } of steps) {
    const mine = real.filter((entry) => entry.step === step)
    if (mine.length === 0) continue
    const note = (request: string, what: string | null) => {
      if (what !== null) found.push({ step, request, what, assumptions })
    }
    const theirs = sandbox.filter(
      (entry): entry is Http => entry.step === step && entry.kind === 'http',
    )
    const used = new Set<Http>()
    for (const entry of mine) {
      if (entry.kind !== 'http') continue
      const request = requestOf(entry)
      const other = theirs.find((one) => !used.has(one) && requestOf(one) === request)
      if (!other) {
        note(request, 'the kit no longer sends this request')
        continue
      }
      used.add(other)
      const status =
        other.status === entry.status ? null : `the status is ${entry.status}, not ${other.status}`
      note(request, status ?? shapeDifference(entry.body, other.body))
    }
    const [seen, expected] = [mailStatuses(real, step), mailStatuses(sandbox, step)]
    if (mine.some(({ kind }) => kind === 'mail') && seen !== expected)
      note('mail', `the replies are ${seen}, not ${expected}`)
  }
  return found
}
