/** What a diagnosis in an answer says first, and whether that is the true cause. */
import { check, fail } from './steps.ts'

type Said = {
  verdict: string
  candidates: { cause: string; title: string; fixes: { text: string; url?: string }[] }[]
  ask: string[]
}

/** The diagnosis that stands in this member of an answer. */
export function diagnosisIn(holder: unknown, member = 'diagnosis'): Said {
  const diagnosis = (holder as Record<string, Said | null | undefined> | undefined)?.[member]
  return diagnosis ?? fail(`there is no ${member} in ${JSON.stringify(holder)?.slice(0, 300)}`)
}

/** Ends the step unless this cause stands first and says what to do. */
export function firstCause(holder: unknown, cause: string, member?: string): string {
  const { verdict, candidates } = diagnosisIn(holder, member)
  const [first] = candidates
  check(
    first?.cause === cause,
    `${cause} should stand first, not ${candidates.map((each) => each.cause).join(', ')}`,
  )
  check(first.fixes.length > 0, `${cause} says nothing to do`)
  return `${verdict} ${cause}: ${first.title}`
}
