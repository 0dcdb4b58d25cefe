/** Step 3: asks Entra, without any user, whether client ID and credential work. */
import type { VerifyResult } from '../../../../schema/integration.ts'
import type { Outcome } from '../../../../schema/probe.ts'
import { ApiError, post } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import { whileBusy } from '../../ui/busy.ts'
import { diagnosisView } from '../../ui/diagnosis.ts'
import { textField } from '../../ui/fields.ts'
import { complainAtFields, notice, problemNotice, type Tone } from '../../ui/notice.ts'

export type Verdicts = Record<Outcome, [Tone, string]>

const verdicts: Verdicts = {
  passed: ['good', 'Client ID and credential work'],
  failed: ['bad', 'Client ID and credential do not work'],
  inconclusive: ['ask', 'It could not be tried'],
}

export function verdictView(answer: VerifyResult, of = verdicts) {
  const [tone, title] = of[answer.outcome]
  return [
    notice(tone, title, h('div', {}, answer.detail)),
    answer.diagnosis && diagnosisView(answer.diagnosis),
  ]
}

export type VerifyPart = { element: HTMLElement; forget: () => void }

/** `unsaved` tells whether the form holds something else than what would be verified; `forget` takes the result back. */
export function verifyPart(unsaved: () => boolean, done: () => void): VerifyPart {
  const tenant = textField({
    label: 'At another tenant (optional)',
    help: 'A Directory (tenant) ID or a domain. Left blank: the home tenant.',
  })
  const result = h('div', { role: 'status', class: 'result' })
  const button = h('button', { class: 'main', type: 'submit' }, 'Verify')

  async function verify(): Promise<void> {
    const where = tenant.input.value.trim()
    try {
      const answer = await post<VerifyResult>(
        '/v1/integrations/microsoft/settings/verify',
        where === '' ? {} : { tenant: where },
      )
      fill(
        result,
        unsaved() && notice('ask', 'This is about what is saved', 'Your changes are not yet.'),
        verdictView(answer),
      )
      done()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (!complainAtFields(error.problem, { '/tenant': tenant })) {
        fill(result, problemNotice(error.problem))
      }
    }
  }

  const element = h(
    'form',
    {
      'aria-label': 'Verify',
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault()
        fill(result)
        void whileBusy(button, verify)
      },
    },
    tenant.element,
    h('div', {}, h('div', { class: 'row' }, button), result),
  )
  return { element, forget: () => fill(result) }
}
