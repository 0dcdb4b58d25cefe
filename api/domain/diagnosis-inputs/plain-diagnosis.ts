/** Diagnoses of failures whose cause the product observed itself, so that no signs are weighed. */
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { listCauses } from '../../diagnosis/diagnose.ts'

/** Returns the cause of the catalogue with texts for this case. Throws if there is no such cause. */
export function plainDiagnosis(
  slug: string,
  texts: Pick<Diagnosis['candidates'][number], 'title' | 'explanation' | 'fixes'>,
): Diagnosis {
  const cause = listCauses().find((entry) => entry.cause === slug)
  if (!cause) throw new Error(`the catalogue has no cause ${slug}`)
  const { responsible, retryable, docs } = cause
  return {
    verdict: 'certain',
    candidates: [{ cause: slug, responsible, retryable, docs, ...texts, likelihood: 1 }],
    ask: [],
  }
}
