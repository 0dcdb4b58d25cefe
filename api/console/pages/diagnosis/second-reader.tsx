/** The second reader: first the exact text that would leave, then the causes that a language model chose. */
import { useState } from 'preact/hooks'
import type { DiagnosisResult, SecondReading } from '../../../../schema/diagnosis.ts'
import { post } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { CauseBody } from '../../components/diagnosis.tsx'
import { Disclosure } from '../../components/loaded.tsx'
import { ProblemAlert } from '../../components/notice.tsx'
import { useAction } from '../../components/use-action.ts'

/**
 * `error`: the diagnosed text, from which the form may differ by now. `onDecided`: called with the diagnosis if the
 * rules have decided in the meantime.
 */
type SecondReaderProps = {
  error: string
  offered: SecondReading
  onDecided: (diagnosis: DiagnosisResult) => void
}

export function SecondReader({ error, offered, onDecided }: SecondReaderProps) {
  const [reading, setReading] = useState(offered)
  const { busy, problem, run } = useAction()
  const send = () =>
    run(async () => {
      const result = await post<DiagnosisResult>('/v1/diagnoses', { error, second_reader: true })
      if (result.second_reader) setReading(result.second_reader)
      else onDecided(result)
    })
  const { status, model, text, candidates } = reading
  return (
    <section aria-label="Second reader">
      <h2>Second reader</h2>
      <p>{status === 'used' && candidates.length === 0 ? NONE : sentences[status]}</p>
      {candidates.map((cause) => (
        <div key={cause.cause} class="cause">
          <strong>{cause.title}</strong>
          <p class="quiet">
            Chosen for line {cause.line}: <q>{cause.quote}</q>
          </p>
          <p>To prove it: {cause.ask.join(' ')}</p>
          <CauseBody cause={cause} isPasted isPossible />
        </div>
      ))}
      {status === 'offered' && (
        <Disclosure title="Show what would be sent">
          <p>
            This text goes to the language model {model}, with the list of all known causes. Secrets
            and addresses are masked by their shape. Names and sentences are not, so send it only if
            you may share all of it.
          </p>
          <Copyable text={text ?? ''} name="text that would be sent" lines />
          <ProblemAlert problem={problem} />
          <p class="after">
            <Button busy={busy} onClick={send}>
              Send this text
            </Button>
          </p>
        </Disclosure>
      )}
    </section>
  )
}

const NONE = 'The language model found none of the known causes in the text.'

const sentences: Record<SecondReading['status'], string> = {
  offered: 'A language model can read the text and choose among the known causes.',
  used: 'A language model chose these from the known causes. It can be wrong, so prove a cause before you change anything.',
  off: 'There is no second reader for this error.',
  unavailable: 'The language model gave no valid response. Try again later.',
  limited: 'The limit is reached, and nothing was sent. Try again in an hour, or tomorrow.',
}
