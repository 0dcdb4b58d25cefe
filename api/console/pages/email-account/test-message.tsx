/** "Send test message": through a saved account that sends, since a login can pass where sending is refused. */
import { useRef, useState } from 'preact/hooks'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { directionOf } from '../../../../schema/protocols.ts'
import type { TestMessage } from '../../../../schema/test-message.ts'
import { post } from '../../api.ts'
import { DiagnosisView } from '../../components/diagnosis.tsx'
import { TextField } from '../../components/fields.tsx'
import { Form, useForm } from '../../components/form.tsx'
import { Notice } from '../../components/notice.tsx'
import { Progress } from '../../components/progress.tsx'
import { LoginSteps } from '../../components/validation.tsx'
import { may } from '../../rights.ts'
import { sendingLabel } from './labels.ts'

/** The API responds within this time. */
const MAX_SECONDS = 20

/** Renders nothing for incoming accounts and read-only keys. */
export const SendTestMessage = ({ account }: { account: MailAccount }) =>
  directionOf(account.protocol) === 'send' && may('write') ? (
    // Not a Disclosure, which would lose the key of a message that is still being sent.
    <details>
      <summary>Send a test message</summary>
      <TestMessageForm account={account} />
    </details>
  ) : null

function TestMessageForm({ account: { id, from, username } }: { account: MailAccount }) {
  const [result, setResult] = useState<TestMessage | null>(null)
  const attempt = useRef({ to: '', key: '' })
  const { field, submission } = useForm({
    initial: { to: '' },
    pointers: { to: '/to' },
    send: async ({ to }) => {
      setResult(null)
      // If no response came, the next click repeats the request with the same key, and sends no second message.
      if (attempt.current.to !== to) attempt.current = { to, key: crypto.randomUUID() }
      const path = `/v1/mail-accounts/${id}/test-message`
      setResult(await post<TestMessage>(path, { to: to.trim() }, attempt.current.key))
      attempt.current = { to: '', key: '' }
    },
  })
  return (
    <>
      <Form
        label="Send a test message"
        button="Send test message"
        submission={submission}
        minor
        done={result && <Result result={result} mailbox={username} />}
      >
        <TextField
          {...field('to')}
          short
          type="email"
          required
          label="To"
          help={`Sends one short message from ${from ?? username}, with the saved settings.`}
        />
      </Form>
      {submission.busy && <Progress title="Sending" maxSeconds={MAX_SECONDS} />}
    </>
  )
}

const Result = ({ result, mailbox }: { result: TestMessage; mailbox: string }) => (
  <div class="stack">
    <Notice {...sendingLabel(result)} />
    {result.diagnosis && <DiagnosisView diagnosis={result.diagnosis} mailbox={mailbox} />}
    <LoginSteps validation={result} isFolded={result.outcome === 'passed'} />
  </div>
)
