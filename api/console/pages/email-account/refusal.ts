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

const link = (href: string, text: string) => h('div', {}, h('a', { href }, text))

/** `reset` drops the token of the form, the way out of what is wrong with it. */
export function refusalView(problem: Problem, signedInAs: string | null, ways: Ways) {
  const { code, title, detail, diagnosis } = problem
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
          signedInAs !== null &&
            button(`Use as shared mailbox: signs in as ${signedInAs}`, () =>
              ways.useAsDelegate(signedInAs),
            ),
          button('Get Access Token again', ways.again),
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
          h('div', { class: 'row after' }, button('Get Access Token again', ways.again)),
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
