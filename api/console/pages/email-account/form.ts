/** The account form: its parts put together, and the rules between them. */
import type { Grant } from '../../../../schema/grant.ts'
import type { Integration, IntegrationSettings } from '../../../../schema/integration.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import type { ApiError } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import type { Field } from '../../ui/fields.ts'
import { complainAtFields } from '../../ui/notice.ts'
import { authenticationPart } from './authentication.ts'
import {
  bodyOf,
  type Draft,
  type Fault,
  faultsOf,
  ownerFor,
  sameDraft,
  signInFaults,
} from './draft.ts'
import { dropDraft, keepDraft } from './kept.ts'
import { authenticationOf, type Credential, credentialFaults, loginOf } from './kinds.ts'
import { mailboxPart } from './mailbox.ts'
import { personalServer } from './personal.ts'
import { refusalView } from './refusal.ts'
import { type Saved, savePart } from './save.ts'
import { serverPart } from './server.ts'
import { type SignInEnd, signIn, wishOf } from './sign-in.ts'
import { tokenPart } from './token.ts'
import { validatePart } from './validate.ts'

export type FormOptions = {
  protocol: Protocol
  integration: Integration
  settings: IntegrationSettings
  /** Ids of departments or brands that exist. */
  owners: readonly string[]
  /** What the form begins with. */
  draft: Draft
  saved: Saved | null
  /** That of the account; of a new one, a grant that other accounts have already. */
  grant: Grant | null
  signal: AbortSignal
}

export type AccountForm = {
  element: HTMLElement
  /** A sentence for whoever is about to leave, or null. */
  objection: () => string | null
  reconnect: () => void
  /** After the whole page went to sign in and has come back. */
  restore: (draft: Draft, end: SignInEnd) => void
  gone: () => void
  failed: (problem: ApiError['problem']) => void
}

export function accountForm(options: FormOptions): AccountForm {
  const { protocol, integration, settings, saved } = options
  const servers = settings.mail_servers[protocol]
  let base = options.draft
  let leaving = false

  const server = serverPart(servers)
  const mailbox = mailboxPart(protocol, {
    owners: options.owners,
    follows: saved === null && base.ownerId === ownerFor(base.mailbox),
    server,
  })
  const wrong = h('div', { role: 'alert' })
  const token = tokenPart(protocol, options.grant, {
    draft: () => read(),
    signIn: startSignIn,
    useAsDelegate,
    changed: tokenChanged,
  })
  const authentication = authenticationPart({
    integration,
    homeTenant: settings.home_tenant,
    saved: saved?.account ?? null,
    token: token.element,
    signal: options.signal,
  })
  const validate = validatePart(saved?.validation ?? null, {
    accountId: saved?.account.id ?? null,
    body: readyBody,
    fingerprint: () => loginOf(read(), token.grant()?.id ?? null, authentication.passwordEdits()),
    passed: () => save.button.focus(),
    refused,
  })
  const save = savePart(saved, {
    body: readyBody,
    grant: () => (read().authentication === 'oauth' ? token.grant() : null),
    refused,
    gone,
    overtaken,
  })

  function read(): Draft {
    return { ...mailbox.read(), ...server.read(), ...authentication.read() }
  }
  function write(draft: Draft): void {
    mailbox.write(draft)
    server.write(draft)
    authentication.write(draft)
    refresh()
  }
  function refresh(): void {
    mailbox.personSigns(read().authentication !== 'app_only')
    token.refresh()
    validate.refresh()
  }
  function credential(): Credential {
    const password = authentication.password.input.value
    return { grantId: token.grant()?.id ?? null, password }
  }

  const fields = (): Record<string, Pick<Field<HTMLElement>, 'complain' | 'input'>> => ({
    ...mailbox.fields,
    ...server.fields(),
    '/authentication/password': authentication.password,
    '/authentication/tenant': authentication.tenant,
    '/authentication/grant_id': authentication.isOffered()
      ? { input: token.button(), complain: token.complain }
      : authentication.noProvider,
  })

  /** True when nothing is wrong; else the fields say what. */
  function check(faults: readonly Fault[]): boolean {
    for (const { complain } of Object.values(fields())) complain(null)
    complainAtFields({ errors: [...faults] }, fields())
    return faults.length === 0
  }

  function readyBody() {
    fill(wrong)
    const draft = read()
    const held = credential()
    const faults = [...faultsOf(draft), ...credentialFaults(draft, held, saved?.account ?? null)]
    return check(faults) ? bodyOf(draft, protocol, authenticationOf(draft, held)) : null
  }

  function startSignIn(): Promise<SignInEnd> | null {
    const draft = read()
    if (!check(signInFaults(draft))) return null
    const wish = wishOf(draft, token.protocols(), saved?.account ?? null)
    const leave = (authorization: string) => {
      keepDraft({ authorization, draft })
      leaving = true
    }
    const going = signIn(wish, leave, options.signal)
    return going.finally(() => {
      leaving = false
      dropDraft()
    })
  }

  function tokenChanged(): void {
    const grant = token.grant()
    if (grant) server.write(personalServer(server.read(), servers, grant.account_type))
    validate.refresh()
    if (grant) validate.button.focus()
  }

  function useAsDelegate(address: string): void {
    write({ ...read(), shared: true, delegate: address })
    fill(wrong)
    validate.button.focus()
  }

  function refused(problem: ApiError['problem'], place: HTMLElement = wrong): void {
    if (complainAtFields(problem, fields())) return
    fill(
      place,
      refusalView(problem, token.grant()?.signed_in_as ?? null, {
        useAsDelegate,
        again: () => token.start(),
      }),
    )
  }

  function gone(): void {
    leaving = true
  }

  function overtaken(newer: Draft, merge: (base: Draft, typed: Draft) => Draft): void {
    const merged = merge(base, read())
    base = newer
    write(merged)
  }

  const changed = () => !sameDraft(base, read()) || credential().password !== ''

  const element = h(
    'form',
    {
      'aria-label': saved ? 'Email account' : 'New email account',
      novalidate: true,
      oninput: refresh,
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault()
        save.run()
      },
    },
    card('Account', mailbox.element),
    card('Sign-in', authentication.element),
    card(
      'Does it work?',
      h(
        'p',
        { class: 'quiet' },
        protocol === 'imap'
          ? 'Logs in to the mailbox and opens the inbox. No mail is changed.'
          : 'Logs in to the server. No mail is sent.',
      ),
      validate.element,
    ),
    h('div', {}, wrong, save.element),
  )
  write(base)
  base = read()

  return {
    element,
    objection: () => {
      if (leaving) return null
      if (token.unsaved()) return 'The new access token is not saved and will be lost. Leave?'
      return changed() ? 'Your changes are not saved. Leave?' : null
    },
    reconnect: token.start,
    restore: (draft, end) => {
      write(draft)
      token.end(end)
      // Once the page stands.
      setTimeout(() => (token.grant() ? validate.button : token.button()).focus(), 50)
    },
    gone,
    failed: (problem) => refused(problem),
  }
}

const card = (title: string, ...children: (HTMLElement | null)[]) =>
  h('section', { class: 'card' }, h('h2', {}, title), ...children)
