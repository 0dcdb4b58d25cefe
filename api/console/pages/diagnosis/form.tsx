/** The form that diagnoses a pasted error. The text stays as it was pasted. */
import { useState } from 'preact/hooks'
import type { DiagnosisInput, DiagnosisResult } from '../../../../schema/diagnosis.ts'
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { PROTOCOL_NAMES } from '../../../../schema/protocols.ts'
import { post } from '../../api.ts'
import { DiagnosisView } from '../../components/diagnosis.tsx'
import { SelectField, TextAreaField } from '../../components/fields.tsx'
import { Form, useForm } from '../../components/form.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { accountHref } from '../../ui/mail-account.ts'
import { avoidableCause, GraphOffer, GraphSwitch } from '../email-account/graph.tsx'
import { senderOf } from '../email-account/labels.ts'
import { describeInterpretation, describeProof } from './interpretation.ts'
import { SecondReader } from './second-reader.tsx'

/** `isDecided`: the verdict was another one when the second reader was offered. */
type Diagnosed = { input: DiagnosisInput; diagnosis: DiagnosisResult; isDecided?: boolean }

/** `accounts`: those that the error may be about. */
export type DiagnosisFormProps = { accounts: readonly MailAccount[]; signal: AbortSignal }

export function DiagnosisForm({ accounts, signal }: DiagnosisFormProps) {
  const [diagnosed, setDiagnosed] = useState<Diagnosed | null>(null)
  /** The account is asked for once there is a result, which it can make more precise. */
  const [wasAsked, setAsked] = useState(false)
  const { field, submission } = useForm({
    initial: { error: '', account: '' },
    pointers: { error: '/error' },
    send: async ({ error, account }) => {
      setDiagnosed(null)
      const input: DiagnosisInput = { error, ...(account && { mail_account_id: account }) }
      setDiagnosed({ input, diagnosis: await post<DiagnosisResult>('/v1/diagnoses', input) })
      setAsked(true)
    },
  })
  const account = accounts.find(({ id }) => id === diagnosed?.input.mail_account_id)
  return (
    <>
      <Form label="Diagnosis of an error" button="Diagnose" submission={submission}>
        <TextAreaField
          {...field('error')}
          label="Error text"
          help="The full text as shown: a server reply, a log line, or the text of a page."
          required
        />
        {wasAsked && accounts.length > 0 && (
          <SelectField
            {...field('account')}
            label="Email account (optional)"
            help="Adds what Mailgrant knows about it."
            options={[
              { value: '', label: 'None' },
              ...accounts.map(({ id, username, protocol }) => ({
                value: id,
                label: `${username} (${PROTOCOL_NAMES[protocol]})`,
              })),
            ]}
          />
        )}
      </Form>
      <div class={diagnosed ? 'card' : undefined} aria-live="polite">
        {diagnosed && (
          <Result
            {...diagnosed}
            onDecided={(diagnosis) => setDiagnosed({ ...diagnosed, diagnosis, isDecided: true })}
          />
        )}
        {diagnosed && account && (
          <p>
            <a href={accountHref(account)}>Open {account.username}</a>
          </p>
        )}
        {diagnosed && account && avoidableCause(senderOf(account), diagnosed.diagnosis) && (
          <Loaded<IntegrationSettings> path="/v1/integrations/microsoft/settings">
            {(settings) => (
              <GraphOffer
                sender={senderOf(account)}
                diagnosis={diagnosed.diagnosis}
                settings={settings}
              >
                {(isPersonal) => (
                  <GraphSwitch account={account} isPersonal={isPersonal} signal={signal} />
                )}
              </GraphOffer>
            )}
          </Loaded>
        )}
      </div>
    </>
  )
}

type ResultProps = Diagnosed & { onDecided: (diagnosis: DiagnosisResult) => void }

function Result({ input, diagnosis, isDecided, onDecided }: ResultProps) {
  const reading = describeInterpretation(diagnosis)
  return (
    <>
      {isDecided && <p>The verdict has changed since the text was shown, so nothing was sent.</p>}
      <DiagnosisView
        diagnosis={diagnosis}
        level="h2"
        isPasted={diagnosis.proof?.source !== 'mailgrant'}
      />
      {reading !== null && <p class="quiet">{reading}</p>}
      {diagnosis.proof && <p class="quiet">{describeProof(diagnosis.proof)}</p>}
      {diagnosis.second_reader && (
        <SecondReader input={input} offered={diagnosis.second_reader} onDecided={onDecided} />
      )}
    </>
  )
}
