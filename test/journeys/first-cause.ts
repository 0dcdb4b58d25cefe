/** Checks of the diagnosis in a response of the API. */
import { check, fail } from './steps.ts'

type Diagnosis = {
  verdict: string
  candidates: { cause: string; title: string; fixes: { text: string; url?: string }[] }[]
  ask: { text: string }[]
}

/** Returns the diagnosis in this member of a response. */
export function diagnosisIn(holder: unknown, member = 'diagnosis'): Diagnosis {
  const diagnosis = (holder as Record<string, Diagnosis | null | undefined> | undefined)?.[member]
  return diagnosis ?? fail(`no ${member} in ${JSON.stringify(holder)?.slice(0, 300)}`)
}

/** Returns a summary of the first cause. Ends the step unless it is this cause and has a fix. */
export function expectFirstCause(holder: unknown, cause: string, member?: string): string {
  const { verdict, candidates } = diagnosisIn(holder, member)
  const [first] = candidates
  check(
    first?.cause === cause,
    `${cause} should come first, but the causes are ${candidates.map((each) => each.cause).join(', ')}`,
  )
  check(first.fixes.length > 0, `${cause} has no fixes`)
  return `${verdict} ${cause}: ${first.title}`
}
