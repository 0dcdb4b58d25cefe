/** Paste an error, say what failed, and read what is wrong. The text stays as it was pasted. */
import type { Diagnosis, DiagnosisInput, ReportProtocol } from '../../../../schema/diagnosis.ts'
import { ApiError, post } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import { whileBusy } from '../../ui/busy.ts'
import { diagnosisView } from '../../ui/diagnosis.ts'
import { selectField, textArea } from '../../ui/fields.ts'
import { complainAtFields, problemNotice } from '../../ui/notice.ts'

const failures: { value: ReportProtocol; label: string }[] = [
  { value: 'imap', label: 'The IMAP login' },
  { value: 'smtp', label: 'The SMTP login, or sending' },
  { value: 'authorize', label: 'The sign-in page' },
  { value: 'token', label: 'The request for a token' },
  { value: 'network', label: 'The way to the server' },
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
  const result = h('div', { class: 'result', 'aria-live': 'polite' })
  const button = h('button', { class: 'main', type: 'submit' }, 'Diagnose')

  async function diagnose(): Promise<void> {
    try {
      const diagnosis = await post<Diagnosis>('/v1/diagnoses', {
        protocol: failed.input.value,
        error: error.input.value,
        ...extra?.read(),
      })
      fill(result, diagnosisView(diagnosis, level))
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
    failed.element,
    extra?.element,
    h('div', {}, h('div', { class: 'row' }, button), result),
  )
}
