/** The access token of the form: none, a new one that waits for the save, or the saved one. */
import type { Grant } from '../../../../schema/grant.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import type { Problem } from '../../../../schema/problem.ts'
import { fill, h } from '../../dom.ts'
import { whileBusy } from '../../ui/busy.ts'
import { diagnosisView } from '../../ui/diagnosis.ts'
import { checkbox } from '../../ui/fields.ts'
import { notice, problemNotice } from '../../ui/notice.ts'
import { clock } from '../../ui/time.ts'
import { type Draft, delegateOf, sameAddress } from './draft.ts'
import { refusalView } from './refusal.ts'
import type { SignInEnd } from './sign-in.ts'
import { otherProtocol, rightsOf, words } from './words.ts'

export type TokenPart = {
  element: HTMLElement
  grant: () => Grant | null
  /** Whether leaving would lose it. */
  unsaved: () => boolean
  protocols: () => Protocol[]
  /** Gets one, as a click on the button does. */
  start: () => void
  end: (end: SignInEnd) => void
  /** Shows it, and whether it fits the form as it is now. Call it first when the form stands. */
  refresh: () => void
  complain: (message: string | null) => void
  button: () => HTMLButtonElement
}

type Hooks = {
  draft: () => Draft
  /** Resolves when the sign-in has ended; null when the form is not ready for one. */
  signIn: () => Promise<SignInEnd> | null
  useAsDelegate: (address: string) => void
  /** The token was got, dropped or taken back. */
  changed: () => void
}

/** `saved`: one that is kept already, by this account or by others. */
export function tokenPart(protocol: Protocol, saved: Grant | null, hooks: Hooks): TokenPart {
  let grant = saved
  const both = checkbox(
    `Also ask for ${words[protocol].other}, so that one sign-in serves two accounts`,
    saved?.protocols.includes(otherProtocol(protocol)) ?? false,
  )
  const state = h('div', { class: 'stack' })
  const said = h('div', { role: 'status', class: 'unseen' })
  const wrong = h('div', { role: 'alert', class: 'result' })
  const getButton = h(
    'button',
    { class: 'main', type: 'button', onclick: () => start() },
    'Get Access Token',
  )
  const resetButton = h(
    'button',
    { class: 'danger', type: 'button', onclick: () => reset() },
    'Reset Access Token',
  )

  function start(): void {
    fill(wrong)
    fill(said)
    const going = hooks.signIn()
    if (going !== null) void whileBusy(getButton, () => going.then(end))
  }

  function end(ended: SignInEnd): void {
    if (ended.kind === 'completed') {
      grant = ended.grant
      fill(wrong)
      show()
      fill(said, `Signed in as ${grant.signed_in_as}. Validate it next, then save.`)
      hooks.changed()
    } else {
      fill(wrong, endView(ended))
      // The saved token may be shown, and "Reconnect" far above have begun it.
      ;(grant === null ? getButton : resetButton).focus()
      wrong.scrollIntoView({ block: 'nearest' })
    }
  }

  function reset(): void {
    grant = null
    fill(wrong)
    show()
    fill(said, 'The access token is dropped from this form.')
    getButton.focus()
    hooks.changed()
  }

  function keepSaved(): void {
    grant = saved
    fill(wrong)
    show()
    resetButton.focus()
    hooks.changed()
  }

  function show(): void {
    if (grant === null) {
      fill(
        state,
        saved &&
          notice(
            'plain',
            'The saved access token stays in use',
            h(
              'div',
              {},
              `Signed in as ${saved.signed_in_as}, until you save another one. `,
              h('button', { type: 'button', class: 'link', onclick: keepSaved }, 'Keep it'),
            ),
          ),
        h('p', { class: 'quiet' }, whoSignsIn(hooks.draft())),
        both.element,
        h('div', { class: 'row' }, getButton),
      )
    } else {
      fill(state, grantView(grant), h('div', { class: 'row' }, resetButton))
    }
  }

  const grantView = (now: Grant) => {
    const { mailbox, shared, delegate } = hooks.draft()
    const fits = [mailbox, shared ? delegate : mailbox].some((one) =>
      sameAddress(one, now.signed_in_as),
    )
    const covers = now.protocols.includes(protocol)
    const lost = now.status === 'reconnect_required' || now.status === 'blocked'
    return [
      notice(
        lost ? 'bad' : fits && covers ? 'good' : 'ask',
        `Signed in as ${now.signed_in_as}`,
        h(
          'div',
          {},
          now.status === 'blocked'
            ? 'Microsoft refuses it until an administrator changes something there.'
            : lost
              ? 'Microsoft does not take this access token any more: reset it and get a new one.'
              : `It may be used for ${rightsOf(now.protocols)}.`,
        ),
        now !== saved && h('div', {}, 'Not saved yet', untilWhen(now)),
        !fits && mismatch(now.signed_in_as, mailbox),
      ),
      !covers &&
        notice(
          'bad',
          `It may not be used for ${words[protocol].use}`,
          h('div', {}, 'Reset it and get another. An administrator may have to consent.'),
        ),
    ]
  }

  const mismatch = (signedInAs: string, mailbox: string) => [
    h(
      'p',
      { class: 'row after' },
      `This is another account than the mailbox${mailbox && `, ${mailbox}`}. If it is a shared mailbox that ${signedInAs} may open, say so. If not, reset the access token and sign in as the mailbox.`,
    ),
    h(
      'div',
      { class: 'row' },
      h(
        'button',
        { type: 'button', onclick: () => hooks.useAsDelegate(signedInAs) },
        `Use as shared mailbox: signs in as ${signedInAs}`,
      ),
    ),
  ]

  return {
    element: h('div', {}, said, state, wrong),
    grant: () => grant,
    unsaved: () => grant !== null && grant !== saved,
    protocols: () => (both.input.checked ? ['imap', 'smtp'] : [protocol]),
    start,
    end,
    refresh: show,
    complain: (message) => fill(wrong, message !== null && notice('bad', message)),
    button: () => (grant === null ? getButton : resetButton),
  }
}

const whoSignsIn = (draft: Draft) => {
  const who = delegateOf(draft) ?? (draft.shared ? '' : draft.mailbox)
  if (who === '' && draft.shared) return 'Say above who signs in for the shared mailbox.'
  return `A window opens. Sign in there as ${who || 'the mailbox'}.`
}

const untilWhen = ({ expires_at }: Grant) =>
  expires_at === null ? '.' : [': save it before ', clock(expires_at), ', or it is thrown away.']

function endView(end: Exclude<SignInEnd, { kind: 'completed' }>) {
  switch (end.kind) {
    case 'cancelled':
      return notice(
        'plain',
        'The sign-in was not finished',
        h(
          'div',
          {},
          'Did Microsoft show an error? ',
          h('a', { href: '#/diagnosis', target: '_blank' }, 'Paste it into the diagnosis'),
          ', in a new tab.',
        ),
      )
    case 'press_again':
      return notice(
        'ask',
        'You are signed in to the console again',
        h('div', {}, 'Press "Get Access Token" once more.'),
      )
    case 'refused':
      return h('div', { class: 'stack' }, refusalView(end.problem, null, null))
    case 'failed':
      return withDiagnosis({ title: 'No access token', ...end.problem })
  }
}

const withDiagnosis = (problem: Pick<Problem, 'title' | 'detail' | 'diagnosis'>) =>
  h(
    'div',
    { class: 'stack' },
    problemNotice(problem),
    problem.diagnosis && diagnosisView(problem.diagnosis),
  )
