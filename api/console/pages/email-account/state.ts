/** The state of the account form, its changes, and the values derived from it. Pure. */
import type { AuditEvent } from '../../../../schema/event.ts'
import type { Grant } from '../../../../schema/grant.ts'
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import type { Validation } from '../../../../schema/validation.ts'
import type { Problem } from '../../api.ts'
import type { Errors } from '../../ui/errors.ts'
import { mergeValues, sameValues } from '../../ui/form-state.ts'
import { capitalised } from '../../ui/words.ts'
import {
  type Draft,
  departmentFor,
  type Fault,
  faultsOf,
  type OwnerDraft,
  pointerAt,
  type ServerDraft,
  sameServer,
  serverDraft,
} from './draft.ts'
import { credentialFaults, loginOf } from './kinds.ts'
import { personalServer } from './personal.ts'
import type { SignInEnd } from './sign-in.ts'
import { fitOf } from './token-fit.ts'

export type Servers = IntegrationSettings['mail_servers']

/** A save that was refused since someone else saved first, and how the form resolved it. */
export type Conflict =
  /** `event`: the other save, for a key that may read events. */
  | { kind: 'overtaken'; event: AuditEvent | null }
  | { kind: 'deleted' }
  /** `kept`: fields whose newer values a save would replace. */
  | { kind: 'loaded'; kept: readonly (keyof Draft)[]; newer: Draft }

/** A part of the form, folded to a line once it is done. */
export type Step = 'mailbox' | 'signIn'

/** Place of the focus. `fault`: the first wrong field; `question`: how another account belongs to the mailbox. */
type FocusTarget = 'fault' | Step | 'token' | 'question' | 'results' | 'save'

/** A validation of one protocol, and the login that it tried (`loginOf`). */
export type Check = { login: string } & ({ validation: Validation } | { problem: Problem })

export type FormState = {
  /** Values that are saved, or that the form began with. */
  base: Draft
  /** Values as typed, spaces included. */
  draft: Draft
  /** The department is proposed from the mailbox until one is typed. */
  followsMailbox: boolean
  /** The server is typed, not chosen from the list. */
  isOtherServer: Record<Protocol, boolean>
  password: string
  passwordEdits: number
  /** The access token to save. */
  grant: Grant | null
  /** Grant that was reset, and is not offered again. */
  dropped: Grant | null
  /** Status of the access token, for screen readers. */
  tokenStatus: string
  /** A sign-in that has yielded no access token. */
  signInEnd: Exclude<SignInEnd, { kind: 'completed' }> | null
  checks: Partial<Record<Protocol, Check>>
  /** Accounts of a new mailbox that are saved, while another one is not. */
  created: readonly MailAccount[]
  /** Steps that are opened again by "Change". */
  opened: readonly Step[]
  /** Errors of the fields. */
  errors: Errors
  /** Refusal of a save, as far as no field explains it. */
  refusal: Problem | null
  conflict: Conflict | null
  /** Target of the next move of the focus; a new object for each request. */
  focus: { on: FocusTarget } | null
}

export type Beginning = {
  servers: Servers
  draft: Draft
  /** Names of departments, the last used first. */
  departments: readonly string[]
  saved: { account: MailAccount; validation: Validation | null } | null
  grant: Grant | null
  /** Values typed before the whole page went to sign in, and how the sign-in has ended. */
  resumed: { draft: Draft; end: SignInEnd } | null
}

export function beginForm(beginning: Beginning): FormState {
  const { servers, departments, saved, grant, resumed } = beginning
  const base = tidy(beginning.draft)
  const draft = resumed?.draft ?? base
  const { imap } = draft.owners
  const state: FormState = {
    base,
    draft,
    followsMailbox: saved === null && imap.id === departmentFor(draft.mailbox, departments),
    isOtherServer: otherServers(servers, draft),
    password: '',
    passwordEdits: 0,
    grant,
    dropped: null,
    tokenStatus: '',
    signInEnd: null,
    checks: saved?.validation
      ? {
          [saved.account.protocol]: {
            login: loginOf(base, saved.account.protocol, grant?.id ?? null, 0),
            validation: saved.validation,
          },
        }
      : {},
    created: [],
    opened: [],
    errors: {},
    refusal: null,
    conflict: null,
    focus: null,
  }
  return resumed ? endSignIn(state, resumed.end, servers) : state
}

const otherServers = (servers: Servers, draft: Draft): FormState['isOtherServer'] => {
  const isOther = (protocol: Protocol) =>
    !servers[protocol].some((listed) => sameServer(serverDraft(listed), draft.servers[protocol]))
  return { imap: isOther('imap'), smtp: isOther('smtp') }
}

/** Returns the draft without surrounding spaces, and without a name for an owner that has none. */
export function tidy(draft: Draft): Draft {
  const owner = ({ type, id }: OwnerDraft) => ({ type, id: type === 'global' ? '' : id.trim() })
  const server = ({ host, port, security }: ServerDraft) => ({
    host: host.trim(),
    port: port.trim(),
    security,
  })
  return {
    ...draft,
    mailbox: draft.mailbox.trim(),
    owners: { imap: owner(draft.owners.imap), smtp: owner(draft.owners.smtp) },
    name: draft.name.trim(),
    delegate: draft.delegate.trim(),
    from: draft.from.trim(),
    servers: { imap: server(draft.servers.imap), smtp: server(draft.servers.smtp) },
    tenant: draft.tenant.trim(),
  }
}

/** Returns what leaving the page would lose, as a sentence, or null. `saved`: the stored grant. */
export function leaveWarning(state: FormState, saved: Grant | null): string | null {
  if (state.created.length > 0) return 'Part of this mailbox is not saved. Leave this page?'
  if (state.grant !== null && state.grant.id !== saved?.id) {
    return 'The new access token is not saved and will be lost. Leave this page?'
  }
  const isChanged = !sameValues(state.base, tidy(state.draft)) || state.password !== ''
  return isChanged ? 'Your changes are not saved. Leave this page?' : null
}

/** Returns the login that a validation would try now, to be compared. */
export const currentLogin = (state: FormState, protocol: Protocol) =>
  loginOf(tidy(state.draft), protocol, state.grant?.id ?? null, state.passwordEdits)

/** Returns everything that is wrong with the form before anything is sent. */
export const allFaults = (state: FormState, saved: MailAccount | null): Fault[] => {
  const draft = tidy(state.draft)
  const credential = { grantId: state.grant?.id ?? null, password: state.password }
  return [...faultsOf(draft), ...credentialFaults(draft, credential, saved)]
}

/** Returns the result of the login in the form: `untried` unless every protocol was tried. */
export function verdictOf(state: FormState): 'untried' | 'passed' | 'failed' {
  const { draft, checks } = state
  const isTried = (protocol: Protocol) => checks[protocol]?.login === currentLogin(state, protocol)
  if (draft.protocols.length === 0 || !draft.protocols.every(isTried)) return 'untried'
  return draft.protocols.every((protocol) => isPassed(state, protocol)) ? 'passed' : 'failed'
}

/** Returns true if the last login of this protocol worked. */
export function isPassed({ checks }: Pick<FormState, 'checks'>, protocol: Protocol): boolean {
  const check = checks[protocol]
  return check !== undefined && 'validation' in check && check.validation.outcome === 'passed'
}

/** Returns true where a save changes nothing that a login depends on. `saved`: the stored grant. */
export const isLoginSaved = (state: FormState, saved: Grant | null) =>
  state.draft.protocols.every(
    (protocol) =>
      currentLogin(state, protocol) === loginOf(state.base, protocol, saved?.id ?? null, 0),
  )

/** Returns true if the form has an access token that fits the mailbox. */
export const isSignedIn = (state: FormState): boolean =>
  state.draft.authentication === 'oauth' &&
  state.grant !== null &&
  fitOf(state.grant, tidy(state.draft)).tone === 'good'

/** Returns true for a step that is done, and shown as a line. */
export function isFolded(state: FormState, step: Step, isSaved: boolean): boolean {
  const isWrong = Object.keys(state.errors).some(
    (pointer) => pointer.startsWith('/authentication') === (step === 'signIn'),
  )
  if (isWrong || state.opened.includes(step)) return false
  if (step === 'signIn' && state.draft.authentication === 'oauth') return isSignedIn(state)
  return isSaved || isSignedIn(state) || verdictOf(state) === 'passed'
}

export const openStep = (state: FormState, step: Step): FormState => ({
  ...state,
  opened: [...state.opened, step],
  focus: { on: step },
})

const PASSWORD = '/authentication/password'
const GRANT = '/authentication/grant_id'

type Plain = Exclude<keyof Draft, 'owners' | 'servers'>

/** Pointers of the errors that a change of the field clears. */
const pointersOf: Record<Plain, readonly string[]> = {
  protocols: ['/protocol'],
  mailbox: ['/username'],
  name: ['/name'],
  delegate: ['/delegate'],
  from: ['/from'],
  authentication: [],
  tenant: ['/authentication/tenant'],
}

const at = (protocol: Protocol, ...pointers: string[]) =>
  pointers.map((pointer) => pointerAt(protocol, pointer))
const ownerPointers = (protocol: Protocol) => at(protocol, '/owner', '/owner/id')
const serverPointers = (protocol: Protocol) => at(protocol, '/host', '/port', '/security')

const POINTERS = [
  ...Object.values(pointersOf).flat(),
  ...(['imap', 'smtp'] as const).flatMap((of) => [...ownerPointers(of), ...serverPointers(of)]),
  PASSWORD,
  GRANT,
]

const without = (errors: Errors, pointers: readonly string[]): Errors =>
  Object.fromEntries(Object.entries(errors).filter(([pointer]) => !pointers.includes(pointer)))

export function changeDraft(state: FormState, typed: Partial<Pick<Draft, Plain>>): FormState {
  const pointers = (Object.keys(typed) as Plain[]).flatMap((name) => pointersOf[name])
  return {
    ...state,
    draft: { ...state.draft, ...typed },
    errors: without(state.errors, pointers),
  }
}

/** Changes the mailbox, and the department that is proposed from it. */
export function changeMailbox(
  state: FormState,
  mailbox: string,
  departments: readonly string[],
): FormState {
  const changed = changeDraft(state, { mailbox })
  if (!state.followsMailbox) return changed
  const id = departmentFor(mailbox, departments)
  return { ...withOwner(changed, 'imap', { type: 'department', id }), followsMailbox: true }
}

/** Adds a use of the mailbox, or takes it away. */
export const toggleProtocol = (state: FormState, protocol: Protocol, isWanted: boolean) =>
  changeDraft(state, {
    protocols: (['imap', 'smtp'] as const).filter((each) =>
      each === protocol ? isWanted : state.draft.protocols.includes(each),
    ),
  })

const withOwner = (state: FormState, protocol: Protocol, owner: OwnerDraft): FormState => ({
  ...state,
  draft: { ...state.draft, owners: { ...state.draft.owners, [protocol]: owner } },
  errors: without(state.errors, ownerPointers(protocol)),
})

export const changeOwner = (
  state: FormState,
  protocol: Protocol,
  owner: Partial<OwnerDraft>,
): FormState => ({
  ...withOwner(state, protocol, { ...state.draft.owners[protocol], ...owner }),
  followsMailbox: state.followsMailbox && protocol !== 'imap',
})

export const changeServer = (
  state: FormState,
  protocol: Protocol,
  typed: Partial<ServerDraft>,
): FormState => {
  const server = { ...state.draft.servers[protocol], ...typed }
  return {
    ...state,
    draft: { ...state.draft, servers: { ...state.draft.servers, [protocol]: server } },
    errors: without(state.errors, serverPointers(protocol)),
  }
}

/** Takes a server of the list, or null for another one. */
export const chooseServer = (
  state: FormState,
  protocol: Protocol,
  server: ServerDraft | null,
): FormState => ({
  ...changeServer(state, protocol, server ?? { host: '' }),
  isOtherServer: { ...state.isOtherServer, [protocol]: server === null },
})

/** Chooses a kind of authentication. A blank tenant becomes the home tenant. */
export function chooseAuthentication(
  state: FormState,
  authentication: Draft['authentication'],
  homeTenant: string | null,
): FormState {
  const isBlank = authentication === 'app_only' && state.draft.tenant.trim() === ''
  const changes = { authentication, ...(isBlank && { tenant: homeTenant ?? '' }) }
  return forgetTokenError(changeDraft(state, changes))
}

/** Clears the error of a missing access token. */
export const forgetTokenError = (state: FormState): FormState => ({
  ...state,
  errors: without(state.errors, [GRANT]),
})

export const changePassword = (state: FormState, password: string): FormState => ({
  ...state,
  password,
  passwordEdits: state.passwordEdits + 1,
  errors: without(state.errors, [PASSWORD]),
})

/** Shows what is wrong with the form before anything is sent, in place of what was shown before. */
export const showFaults = (state: FormState, faults: readonly Fault[]): FormState => ({
  ...state,
  errors: Object.fromEntries(faults.map(({ pointer, message }) => [pointer, message])),
  refusal: null,
  signInEnd: null,
  focus: faults.length > 0 ? { on: 'fault' } : state.focus,
})

/** Shows the errors of a refusal at their fields. `isWhole`: the fields explain all of it. */
function withErrors(state: FormState, protocol: Protocol, { errors: faults = [] }: Problem) {
  const known = faults
    .map(({ pointer, message }) => [pointerAt(protocol, pointer), capitalised(message)] as const)
    .filter(([pointer]) => POINTERS.includes(pointer))
  const next: FormState = {
    ...state,
    errors: { ...state.errors, ...Object.fromEntries(known) },
    focus: known.length > 0 ? { on: 'fault' } : state.focus,
  }
  return { next, isWhole: faults.length > 0 && known.length === faults.length }
}

/** Shows a refused save, or another refused action, at its fields and beside the button. */
export function showRefusal(state: FormState, protocol: Protocol, problem: Problem): FormState {
  const { next, isWhole } = withErrors(state, protocol, problem)
  return { ...next, refusal: isWhole ? null : problem }
}

export function endSignIn(state: FormState, end: SignInEnd, servers: Servers): FormState {
  if (end.kind !== 'completed') return { ...state, signInEnd: end, focus: { on: 'token' } }
  return takeGrant(state, end.grant, servers)
}

/** Takes an access token that is new to the form. Personal mailboxes send through a server of their own. */
export function takeGrant(state: FormState, grant: Grant, servers: Servers): FormState {
  const { draft } = state
  const smtp = personalServer(draft.servers.smtp, servers.smtp, grant.account_type)
  const moved = { ...draft, servers: { ...draft.servers, smtp } }
  const next: FormState = {
    ...withToken(state, grant),
    draft: moved,
    isOtherServer: otherServers(servers, moved),
    opened: [],
    tokenStatus: `Signed in as ${grant.signed_in_as}.`,
  }
  const { isOtherAccount } = fitOf(grant, tidy(moved))
  return {
    ...next,
    focus: { on: isSignedIn(next) ? 'save' : isOtherAccount ? 'question' : 'token' },
  }
}

const withToken = (state: FormState, grant: Grant | null): FormState => ({
  ...forgetTokenError(state),
  grant,
  signInEnd: null,
  tokenStatus: '',
  focus: { on: 'token' },
})

export const resetToken = (state: FormState): FormState => ({
  ...withToken(state, null),
  dropped: state.grant,
  tokenStatus: 'The access token was removed from this form.',
})

export const keepSavedToken = (state: FormState, saved: Grant): FormState => withToken(state, saved)

/** Confirms that this account signs in for the mailbox. */
export const signInThrough = (state: FormState, delegate: string): FormState => ({
  ...changeDraft(state, { delegate }),
  refusal: null,
  focus: { on: 'save' },
})

/** Shows the result of a validation. `login` is what it has tried. */
export function showValidation(state: FormState, login: string, validation: Validation): FormState {
  const checks = { ...state.checks, [validation.protocol]: { login, validation } }
  return foldPassed({ ...state, checks })
}

/** Folds the steps once the login works. */
const foldPassed = (state: FormState): FormState =>
  verdictOf(state) === 'passed' ? { ...state, opened: [] } : state

/** Shows a refused validation. If its fields explain all of it, the login counts as untried. */
export function showRefusedValidation(
  state: FormState,
  protocol: Protocol,
  login: string,
  problem: Problem,
): FormState {
  const { next, isWhole } = withErrors(state, protocol, problem)
  const { [protocol]: _, ...others } = next.checks
  return { ...next, checks: isWhole ? others : { ...others, [protocol]: { login, problem } } }
}

/** Records that one account of a new mailbox is saved, so that only the rest is saved next. */
export const addCreated = (state: FormState, account: MailAccount): FormState => ({
  ...state,
  created: [...state.created, account],
  draft: {
    ...state.draft,
    protocols: state.draft.protocols.filter((protocol) => protocol !== account.protocol),
  },
})

export const showConflict = (state: FormState, conflict: Conflict | null): FormState => ({
  ...state,
  conflict,
})

/** Takes over the values of another save, without losing what was typed. */
export function loadNewer(state: FormState, newer: Draft, servers: Servers): FormState {
  const base = tidy(newer)
  const { values: draft, kept } = mergeValues(state.base, tidy(state.draft), base)
  return {
    ...state,
    base,
    draft,
    isOtherServer: otherServers(servers, draft),
    conflict: { kind: 'loaded', kept, newer: base },
    focus: { on: 'save' },
  }
}
