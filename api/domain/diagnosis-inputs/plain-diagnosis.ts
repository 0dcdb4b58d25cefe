/** Diagnoses of failures whose cause the product observed itself, so that no signs are weighed. */
import type { Diagnosis, Interpretation } from '../../../schema/diagnosis.ts'
import { listCauses } from '../../diagnosis/diagnose.ts'
import type { Where } from './values.ts'

/** Returns the cause of the catalogue with texts for this case. Throws if there is no such cause. */
export function plainDiagnosis(
  slug: string,
  texts: Pick<Diagnosis['candidates'][number], 'title' | 'explanation' | 'fixes'>,
  {
    interpretation,
    where,
  }: { interpretation: Pick<Interpretation, 'protocol' | 'stage'>; where: Where },
): Diagnosis {
  const cause = listCauses({ causePages: where.urls.causes }).find((entry) => entry.cause === slug)
  if (!cause) throw new Error(`the catalogue has no cause ${slug}`)
  const { url, responsible, retryable, docs } = cause
  return {
    verdict: 'certain',
    candidates: [{ cause: slug, url, responsible, retryable, docs, ...texts, likelihood: 1 }],
    ask: [],
    interpretation: { ...interpretation, source: null },
  }
}
