/** The diagnosis page: explains any error text, from Mailgrant or from another program. The text stays as it was pasted. */
import { useState } from 'preact/hooks'
import type { DiagnosisResult } from '../../../schema/diagnosis.ts'
import { post } from '../api.ts'
import { NewTab } from '../components/button.tsx'
import { DiagnosisView } from '../components/diagnosis.tsx'
import { TextAreaField } from '../components/fields.tsx'
import { Form, useForm } from '../components/form.tsx'
import { PageHead } from '../components/layout.tsx'
import { LoginPath } from '../components/login-path.tsx'
import { ScopeNotice } from '../components/notice.tsx'
import { may } from '../rights.ts'
import type { Page } from '../router.ts'
import { describeProof, pathOf } from './diagnosis/interpretation.ts'
import { SecondReader } from './diagnosis/second-reader.tsx'

export const diagnosisPage = async (): Promise<Page> => ({
  title: 'Diagnosis',
  content: (
    <>
      <PageHead
        title="Diagnosis"
        lead="Paste an error from any program to get the cause, who must act, and the fix."
      />
      {may('write') && <DiagnosisForm />}
      <ScopeNotice
        scope="write"
        text="Your API key can read the causes, but not diagnose errors."
      />
      <p class="after">
        <NewTab href="/docs/causes" text="All known causes" />
      </p>
    </>
  ),
})

/** `isDecided`: the verdict was another one when the second reader was offered. */
type Diagnosed = { error: string; diagnosis: DiagnosisResult; isDecided?: boolean }

function DiagnosisForm() {
  const [diagnosed, setDiagnosed] = useState<Diagnosed | null>(null)
  const { field, submission } = useForm({
    initial: { error: '' },
    pointers: { error: '/error' },
    send: async ({ error }) => {
      setDiagnosed(null)
      setDiagnosed({ error, diagnosis: await post<DiagnosisResult>('/v1/diagnoses', { error }) })
    },
  })
  return (
    <>
      <Form label="Diagnosis of an error" button="Diagnose" submission={submission}>
        <TextAreaField
          {...field('error')}
          label="Error text"
          help="The full text as shown: a server reply, a log line, or the text of a page."
          required
        />
      </Form>
      <div class={diagnosed ? 'card' : undefined} aria-live="polite">
        {diagnosed && (
          <Result
            {...diagnosed}
            onDecided={(diagnosis) => setDiagnosed({ ...diagnosed, diagnosis, isDecided: true })}
          />
        )}
      </div>
    </>
  )
}

type ResultProps = Diagnosed & { onDecided: (diagnosis: DiagnosisResult) => void }

function Result({ error, diagnosis, isDecided, onDecided }: ResultProps) {
  const path = pathOf(diagnosis.interpretation)
  return (
    <>
      {isDecided && <p>The verdict has changed since the text was shown, so nothing was sent.</p>}
      {path && <LoginPath steps={path} />}
      {diagnosis.excludes && <p>{diagnosis.excludes}</p>}
      <DiagnosisView
        diagnosis={diagnosis}
        level="h2"
        isPasted={diagnosis.proof?.source !== 'mailgrant'}
      />
      {diagnosis.proof && <p class="quiet">{describeProof(diagnosis.proof)}</p>}
      {diagnosis.second_reader && (
        <SecondReader error={error} offered={diagnosis.second_reader} onDecided={onDecided} />
      )}
    </>
  )
}
