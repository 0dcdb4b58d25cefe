/** What the API refuses on validating or saving, in words and with the way out. */
import type { ApiError } from '../../api.ts'
import { h } from '../../dom.ts'
import { diagnosisView } from '../../ui/diagnosis.ts'
import { notice, problemNotice } from '../../ui/notice.ts'

type Problem = ApiError['problem']

const titles: Partial<Record<NonNullable<Problem['code']>, string>> = {
  account_mismatch: 'Another account signed in',
  protocol_not_granted: 'The access token does not cover this',
  grant_not_usable: 'The access token cannot be used',
}

/** In a tab of its own: the form stays as it is, and the button can be pressed again. */
const link = (href: string, text: string) =>
  h('div', {}, h('a', { href, target: '_blank' }, text), ' (opens a new tab), then try again.')

/** `ways` are those out of it that the form offers; null where its own button is at hand. */
export function refusalView(problem: Problem, signedInAs: string | null, ways: Ways | null) {
  const { code, title, detail, diagnosis } = problem
  const again = ways && button('Get Access Token again', ways.again)
  switch (code) {
    case 'account_mismatch':
      return notice(
        'bad',
        'Another account signed in',
        h(
          'div',
          {},
          'Say that this account signs in for the mailbox, or get another access token.',
        ),
        h(
          'div',
          { class: 'row after' },
          ways !== null &&
            signedInAs !== null &&
            button(`Use as shared mailbox: signs in as ${signedInAs}`, () =>
              ways.useAsDelegate(signedInAs),
            ),
          again,
        ),
      )
    case 'protocol_not_granted':
    case 'grant_not_usable':
    case 'reconnect_required':
      return [
        notice(
          'bad',
          titles[code] ?? title,
          h('div', {}, detail),
          again && h('div', { class: 'row after' }, again),
        ),
        diagnosis && diagnosisView(diagnosis),
      ]
    case 'integration_inactive':
      return notice(
        'bad',
        title,
        h('div', {}, detail),
        link('#/integrations', 'Activate the integration'),
      )
    case 'integration_not_configured':
    case 'credential_rejected':
      return notice(
        'bad',
        title,
        h('div', {}, detail),
        link('#/integrations/microsoft', 'Open the Microsoft settings'),
      )
    case 'insufficient_scope':
      return notice('bad', 'Your API key may not do this', h('div', {}, detail))
    default:
      return [problemNotice(problem), diagnosis && diagnosisView(diagnosis)]
  }
}

export type Ways = { useAsDelegate: (address: string) => void; again: () => void }

const button = (text: string, onclick: () => void) => h('button', { type: 'button', onclick }, text)
