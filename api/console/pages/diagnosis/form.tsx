/** The form that diagnoses a pasted error. The text stays as it was pasted. */
import { useState } from 'preact/hooks'
import type { Diagnosis, ReportProtocol, Stage } from '../../../../schema/diagnosis.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { post } from '../../api.ts'
import { DiagnosisView } from '../../components/diagnosis.tsx'
import { SelectField, TextAreaField } from '../../components/fields.tsx'
import { Form, useForm } from '../../components/form.tsx'
import { emptyReportDraft, inputOf, type ReportDraft } from './draft.ts'
import { FactsFields } from './facts.tsx'
import { describeInterpretation } from './interpretation.ts'

const FROM_TEXT = { value: '', label: 'Detect from the text' } as const

const failures: { value: ReportProtocol | ''; label: string }[] = [
  FROM_TEXT,
  { value: 'imap', label: 'The IMAP login' },
  { value: 'smtp', label: 'The SMTP login, or sending' },
  { value: 'authorize', label: 'The sign-in page' },
  { value: 'token', label: 'The token request' },
  { value: 'network', label: 'The network connection' },
]

const stages: { value: Stage | ''; label: string }[] = [
  FROM_TEXT,
  { value: 'dns', label: 'Looking up the server name' },
  { value: 'connect', label: 'Connecting' },
  { value: 'tls', label: 'Setting up encryption (TLS)' },
  { value: 'greeting', label: "The server's greeting" },
  { value: 'auth', label: 'Logging in' },
  { value: 'select', label: 'Opening the mailbox' },
  { value: 'send', label: 'Sending' },
  { value: 'authorize', label: "Microsoft's sign-in page" },
  { value: 'callback', label: 'Returning from the sign-in page' },
  { value: 'token_exchange', label: 'Exchanging the code for tokens' },
  { value: 'refresh', label: 'Refreshing the access token' },
  { value: 'client_credentials', label: "Requesting the app's own token" },
]

type DiagnosisFormProps = {
  /** The level of the headings of the result: one below the heading over the form. */
  level: 'h2' | 'h3'
  /** Accounts that the error may be about. If given, the form asks for more facts. */
  accounts?: readonly MailAccount[]
}

export function DiagnosisForm({ level, accounts }: DiagnosisFormProps) {
  const [diagnosis, setDiagnosis] = useState<Diagnosis | null>(null)
  const { field, submission } = useForm<ReportDraft>({
    initial: emptyReportDraft,
    pointers: { error: '/error', protocol: '/protocol' },
    send: async (draft) => {
      setDiagnosis(null)
      setDiagnosis(await post<Diagnosis>('/v1/diagnoses', inputOf(draft)))
    },
  })
  return (
    <>
      <Form label="Diagnosis of an error" button="Diagnose" submission={submission} bare>
        <TextAreaField
          {...field('error')}
          label="Error text"
          help="The full text as shown: a server reply, a log line, or the text of a page."
          required
        />
        <div class="pair">
          <SelectField {...field('protocol')} label="What failed" options={failures} />
          <SelectField {...field('stage')} label="Step that failed" options={stages} />
        </div>
        {accounts && <FactsFields accounts={accounts} field={field} />}
      </Form>
      <div class="result" aria-live="polite">
        {diagnosis && <Result diagnosis={diagnosis} level={level} />}
      </div>
    </>
  )
}

function Result({ diagnosis, level }: { diagnosis: Diagnosis; level: 'h2' | 'h3' }) {
  const reading = describeInterpretation(diagnosis.interpretation)
  return (
    <>
      {reading !== null && <p class="quiet">{reading}</p>}
      <DiagnosisView diagnosis={diagnosis} level={level} />
    </>
  )
}
