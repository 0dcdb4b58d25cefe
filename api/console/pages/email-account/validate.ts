/** "Validate Authentication": a real login with what the form holds, and what came of it. */
import type { MailAccountInput } from '../../../../schema/mail-account.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { ApiError, post } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import { whileBusy } from '../../ui/busy.ts'
import { notice } from '../../ui/notice.ts'
import { showProgress } from '../../ui/progress.ts'
import { ago } from '../../ui/time.ts'
import { validationView } from '../../ui/validation.ts'

export type ValidatePart = {
  element: HTMLElement
  button: HTMLButtonElement
  /** A shown result may be of earlier values. Call it first when the form shows what is saved. */
  refresh: () => void
}

type Hooks = {
  accountId: string | null
  /** Null when the form is not ready, which it has said then. */
  body: () => MailAccountInput | null
  /** What a result belongs to. */
  fingerprint: () => string
  passed: () => void
  refused: (problem: ApiError['problem'], place: HTMLElement) => void
}

/** The API waits this long at most, seconds. */
const MOST = 20

export function validatePart(last: Validation | null, hooks: Hooks): ValidatePart {
  const said = h('div', { role: 'status', class: 'unseen' })
  const stale = h('div', { role: 'status', class: 'result' })
  const progress = h('div', { class: 'result' })
  const wrong = h('div', { role: 'alert', class: 'result' })
  const result = h('div', { class: 'result' })
  // What the last result belongs to is known when the form shows what is saved.
  let shown: { of: string | null } | null = last && { of: null }

  const button = h(
    'button',
    { type: 'button', onclick: () => void whileBusy(button, validate) },
    'Validate Authentication',
  )

  async function validate(): Promise<void> {
    const body = hooks.body()
    if (body === null) return
    const of = hooks.fingerprint()
    const before = { shown, nodes: [...result.childNodes] }
    shown = null
    fill(result)
    fill(wrong)
    refresh()
    fill(said, `Logging in to ${body.host}. This takes ${MOST} seconds at most.`)
    const stop = showProgress(progress, `Logging in to ${body.host}`, MOST)
    try {
      const validation = await post<Validation>('/v1/validations', {
        ...body,
        ...(hooks.accountId !== null && { mail_account_id: hooks.accountId }),
      })
      shown = { of }
      fill(result, resultView(validation))
      fill(said, outcomeWords(validation))
      refresh()
      if (validation.outcome === 'passed') hooks.passed()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      fill(said)
      shown = before.shown
      fill(result, before.nodes)
      refresh()
      hooks.refused(error.problem, wrong)
    } finally {
      stop()
    }
  }

  function refresh(): void {
    const now = hooks.fingerprint()
    if (shown) shown.of ??= now
    const old = shown !== null && shown.of !== now
    if (old === stale.hasChildNodes()) return
    fill(
      stale,
      old &&
        notice(
          'ask',
          'This result is of earlier values',
          h('div', {}, 'The form has changed since. Validate again.'),
        ),
    )
  }

  if (last) fill(result, resultView(last))
  return {
    element: h('div', {}, h('div', { class: 'row' }, button), said, progress, wrong, stale, result),
    button,
    refresh,
  }
}

const resultView = (validation: Validation) => [
  h(
    'p',
    { class: 'quiet small' },
    'Validated ',
    ago(validation.checked_at),
    '.',
    validation.asked_at && [
      ' Microsoft was last asked for an access token ',
      ago(validation.asked_at),
      '.',
    ],
  ),
  validationView(validation),
]

function outcomeWords({ outcome, diagnosis }: Validation): string {
  const cause = diagnosis?.candidates[0]?.title
  if (outcome === 'passed') return 'Validation passed.'
  const words = outcome === 'failed' ? 'Validation failed' : 'Validation was inconclusive'
  return `${words}${cause ? `: ${cause}` : ''}. The details follow.`
}
