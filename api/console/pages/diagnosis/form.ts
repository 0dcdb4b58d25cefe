/** Paste an error, say what failed, and read what is wrong. The text stays as it was pasted. */
import type {
  Diagnosis,
  DiagnosisInput,
  ReportProtocol,
  Stage,
} from '../../../../schema/diagnosis.ts'
import { ApiError, post } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import { whileBusy } from '../../ui/busy.ts'
import { diagnosisView } from '../../ui/diagnosis.ts'
import { selectField, textArea } from '../../ui/fields.ts'
import { complainAtFields, problemNotice } from '../../ui/notice.ts'
import { describeReading } from './reading.ts'

const FROM_TEXT = { value: '', label: 'Find out from the text' } as const

const failures: { value: ReportProtocol | ''; label: string }[] = [
  FROM_TEXT,
  { value: 'imap', label: 'The IMAP login' },
  { value: 'smtp', label: 'The SMTP login, or sending' },
  { value: 'authorize', label: 'The sign-in page' },
  { value: 'token', label: 'The request for a token' },
  { value: 'network', label: 'The way to the server' },
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

/** More that a page knows, and where the API's complaints about it belong. */
export type Extra = {
  element: HTMLElement
  read: () => Pick<DiagnosisInput, 'evidence' | 'mail_account_id'>
}

/** `level` is that of the headings of the result: one below the heading over the form. */
export function diagnosisForm(level: 'h2' | 'h3', extra?: Extra): HTMLElement {
  const error = textArea({
    label: 'Error text',
    help: 'In full, as it was shown: a reply of the server, a line of a log, the text of a page.',
    required: true,
  })
  const failed = selectField({ label: 'What failed', options: failures })
  const step = selectField({ label: 'Step that failed', options: stages })
  const result = h('div', { class: 'result', 'aria-live': 'polite' })
  const button = h('button', { class: 'main', type: 'submit' }, 'Diagnose')

  async function diagnose(): Promise<void> {
    try {
      const diagnosis = await post<Diagnosis>('/v1/diagnoses', {
        protocol: failed.input.value || undefined,
        stage: step.input.value || undefined,
        error: error.input.value,
        ...extra?.read(),
      })
      const reading = describeReading(diagnosis.read_as)
      fill(
        result,
        reading !== null && h('p', { class: 'quiet' }, reading),
        diagnosisView(diagnosis, level),
      )
    } catch (refusal) {
      if (!(refusal instanceof ApiError)) throw refusal
      if (!complainAtFields(refusal.problem, { '/error': error, '/protocol': failed })) {
        fill(result, problemNotice(refusal.problem))
      }
    }
  }

  return h(
    'form',
    {
      'aria-label': 'Diagnosis of an error',
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault()
        fill(result)
        void whileBusy(button, diagnose)
      },
    },
    error.element,
    h('div', { class: 'pair' }, failed.element, step.element),
    extra?.element,
    h('div', {}, h('div', { class: 'row' }, button), result),
  )
}
