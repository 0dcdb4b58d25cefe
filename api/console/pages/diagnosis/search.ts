/** Finds causes in the catalogue by words and error numbers. Pure. */
import type { CauseEntry } from '../../../../schema/diagnosis.ts'
import { hasWords } from '../../ui/search.ts'

type Searched = Pick<CauseEntry, 'cause' | 'title' | 'explanation' | 'aadsts' | 'fixes'>

export function findCauses<Cause extends Searched>(
  causes: readonly Cause[],
  search: string,
): Cause[] {
  return causes.filter((cause) => hasWords(textOf(cause), search))
}

const textOf = ({ cause, title, explanation, aadsts, fixes }: Searched) =>
  [
    cause,
    title,
    explanation,
    ...aadsts.map((number) => `aadsts${number}`),
    ...fixes.map(({ text }) => text),
  ].join('\n')
