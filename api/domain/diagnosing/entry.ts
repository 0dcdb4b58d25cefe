/** A diagnosis that needs no weighing: the product itself has seen what happened. */
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { listCauses } from '../../diagnosis/diagnose.ts'

/** The cause of the catalogue that it is a case of, with the words for this case. */
export function plainDiagnosis(
  slug: string,
  words: Pick<Diagnosis['candidates'][number], 'title' | 'explanation' | 'fixes'>,
): Diagnosis {
  const cause = listCauses().find((entry) => entry.cause === slug)
  if (!cause) throw new Error(`the catalogue has no cause ${slug}`)
  const { responsible, retryable, docs } = cause
  return {
    verdict: 'certain',
    candidates: [{ cause: slug, responsible, retryable, docs, ...words, likelihood: 1 }],
    ask: [],
  }
}
