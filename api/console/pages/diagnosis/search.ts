/** Finds causes in the catalogue by words and error numbers. Pure. */
import type { CauseEntry } from '../../../../schema/diagnosis.ts'

type Searched = Pick<CauseEntry, 'cause' | 'title' | 'explanation' | 'aadsts' | 'fixes'>

/** Every word must be somewhere in the cause, in any order and case. */
export function findCauses<Cause extends Searched>(
  causes: readonly Cause[],
  search: string,
): Cause[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return causes.filter((cause) => {
    const text = textOf(cause)
    return words.every((word) => text.includes(word))
  })
}

const textOf = ({ cause, title, explanation, aadsts, fixes }: Searched) =>
  [
    cause,
    title,
    explanation,
    ...aadsts.map((number) => `aadsts${number}`),
    ...fixes.map(({ text }) => text),
  ]
    .join('\n')
    .toLowerCase()
