/** What is wrong, who must act, and the one thing to do now: of a diagnosis, what a person needs. */
import type { Diagnosis } from '../../schema/diagnosis.ts'
import { whoActs } from './words.ts'

export function NextStep({ diagnosis }: { diagnosis: Diagnosis }) {
  const { verdict } = diagnosis
  const [cause] = diagnosis.candidates
  const [fix] = cause?.fixes ?? []
  if (!cause || !fix || verdict === 'unknown') return null
  return (
    <dl>
      <div>
        <dt>{verdict === 'certain' ? 'What is wrong' : 'Most likely'}</dt>
        <dd>
          {cause.title}
          <p class="quiet">{cause.explanation}</p>
        </dd>
      </div>
      <div>
        <dt>Who must act</dt>
        <dd>{whoActs[cause.responsible]}</dd>
      </div>
      <div>
        <dt>Next step</dt>
        <dd class="text">{fix.text}</dd>
      </div>
    </dl>
  )
}
