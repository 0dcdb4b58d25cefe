/** "Ask again": has Microsoft asked for a refused access token now, as after an administrator's repair. */
import type { Grant } from '../../../../schema/grant.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { ApiError, post } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import { go, mayLeave } from '../../router.ts'
import { whileBusy } from '../../ui/busy.ts'
import { notice, problemNotice } from '../../ui/notice.ts'
import { ago } from '../../ui/time.ts'
import { tellNext } from '../../ui/told.ts'
import { askAgainWords } from './words.ts'

/** Null while there is nothing to ask for. */
export function askAgainView(account: MailAccount, grant: Grant | null): HTMLElement | null {
  const { health, authentication } = account
  if (health !== 'blocked' && health !== 'cooling_down' && health !== 'reconnect_required')
    return null
  if (authentication.type === 'oauth' && authentication.flow === 'app_only') {
    return h('div', { class: 'small' }, askAgainWords.appOnly)
  }
  if (grant === null) return null
  const result = h('div', { role: 'status', class: 'result' })
  const button = h(
    'button',
    { type: 'button', onclick: () => void whileBusy(button, ask) },
    'Ask again',
  )

  async function ask(): Promise<void> {
    fill(result)
    try {
      const now = await post<Grant>(`/v1/grants/${account.grant?.id}/retry`)
      const works = now.status === 'active' && now.protocols.includes(account.protocol)
      if (works) tellNext('The access token works again')
      if ((works || now.status !== grant?.status) && mayLeave()) go(location.hash)
      else fill(result, answerView(now, works))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      fill(result, problemNotice(error.problem))
    }
  }

  return h(
    'div',
    {},
    h(
      'div',
      { class: 'row after' },
      button,
      h(
        'span',
        { class: 'small' },
        askAgainWords[health],
        grant.retry_at && [' Otherwise Mailgrant asks ', ago(grant.retry_at), '.'],
      ),
    ),
    result,
  )
}

const answerView = ({ problem }: Grant, works: boolean) =>
  works
    ? notice('good', 'The access token works again')
    : notice('ask', askAgainWords.still, problem && h('div', {}, problem.detail))
