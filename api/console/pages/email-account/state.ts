/** The state of the account form, and each way in which it changes. Pure. */
import type { AuditEvent } from '../../../../schema/event.ts'
import type { Grant } from '../../../../schema/grant.ts'
import type { MailServer, Protocol } from '../../../../schema/mail-servers.ts'
import type { Validation } from '../../../../schema/validation.ts'
import type { ApiError } from '../../api.ts'
import { type Errors, sentence } from '../../ui/faults.ts'
import { mergeValues, sameValues } from '../../ui/merge.ts'
import {
  type Draft,
  type Fault,
  ownerFor,
  type ServerDraft,
  sameServer,
  serverDraft,
} from './draft.ts'
import { loginOf } from './kinds.ts'
import { personalServer } from './personal.ts'
import type { SignInEnd } from './sign-in.ts'
import { otherProtocol } from './words.ts'

/** A save that lost against another one, and what became of it. */
export type Conflict =
  /** `event`: the other save, for a key that may read events. */
  | { kind: 'overtaken'; event: AuditEvent | null }
  | { kind: 'deleted' }
  /** `kept`: fields whose newer values a save would replace. */
  | { kind: 'loaded'; kept: readonly (keyof Draft)[]; newer: Draft }

type FocusTarget = 'fault' | 'token' | 'validate' | 'save'

export type FormState = {
  /** Values that are saved, or that the form began with. */
  base: Draft
  /** Values as typed, spaces included. */
  draft: Draft
  /** The department is guessed from the mailbox until one is typed. */
  followsMailbox: boolean
  /** The server is typed, not chosen from the list. */
  isOtherServer: boolean
  password: string
  passwordEdits: number
  /** The access token to save. */
  grant: Grant | null
  /** Sign-ins ask for both protocols. */
  asksBoth: boolean
  /** Status of the access token, for screen readers. */
  tokenStatus: string
  /** A sign-in that has yielded no access token. */
  signInEnd: Exclude<SignInEnd, { kind: 'completed' }> | null
  /** The last validation, and the login that it tried (`loginOf`). */
  validated: { validation: Validation; login: string } | null
  /** Errors of the fields. */
  errors: Errors
  /** A refusal that belongs to no field, and the action that was refused. */
  refusal: { of: 'validate' | 'save'; problem: ApiError['problem'] } | null
  conflict: Conflict | null
  /** Takes the focus; a new object each time. */
  focus: { on: FocusTarget } | null
}

export type Beginning = {
  protocol: Protocol
  /** The servers of the list. */
  servers: readonly MailServer[]
  draft: Draft
  isSaved: boolean
  grant: Grant | null
  validation: Validation | null
  /** Values typed before the whole page went to sign in, and how the sign-in has ended. */
  resumed: { draft: Draft; end: SignInEnd } | null
}

export function beginForm(beginning: Beginning): FormState {
  const { protocol, servers, isSaved, grant, validation, resumed } = beginning
  const base = tidy(beginning.draft)
  const draft = resumed?.draft ?? base
  const state: FormState = {
    base,
    draft,
    followsMailbox: protocol === 'imap' && !isSaved && draft.ownerId === ownerFor(draft.mailbox),
    isOtherServer: !isListed(servers, draft),
    password: '',
    passwordEdits: 0,
    grant,
    asksBoth: grant?.protocols.includes(otherProtocol(protocol)) ?? false,
    tokenStatus: '',
    signInEnd: null,
    validated: validation && { validation, login: loginOf(base, grant?.id ?? null, 0) },
    errors: {},
    refusal: null,
    conflict: null,
    focus: null,
  }
  return resumed ? endSignIn(state, resumed.end, servers) : state
}

const isListed = (servers: readonly MailServer[], server: ServerDraft) =>
  servers.some((listed) => sameServer(serverDraft(listed), server))

/** Returns the draft without surrounding spaces, and without a name for an owner that has none. */
export const tidy = (draft: Draft): Draft => ({
  ...draft,
  mailbox: draft.mailbox.trim(),
  ownerId: draft.ownerType === 'global' ? '' : draft.ownerId.trim(),
  name: draft.name.trim(),
  delegate: draft.delegate.trim(),
  from: draft.from.trim(),
  host: draft.host.trim(),
  port: draft.port.trim(),
  tenant: draft.tenant.trim(),
})

/** Returns what leaving the page would lose, as a sentence, or null. `saved`: the stored grant. */
export function objectionOf(state: FormState, saved: Grant | null): string | null {
  if (state.grant !== null && state.grant !== saved) {
    return 'The new access token is not saved and will be lost. Leave?'
  }
  const isChanged = !sameValues(state.base, tidy(state.draft)) || state.password !== ''
  return isChanged ? 'Your changes are not saved. Leave?' : null
}

/** Returns the login that a validation would try now, to be compared. */
export const currentLogin = (state: FormState) =>
  loginOf(tidy(state.draft), state.grant?.id ?? null, state.passwordEdits)

const PASSWORD = '/authentication/password'
const GRANT = '/authentication/grant_id'

/** JSON pointers of the errors that a change of the field takes back. */
const pointersOf: Record<keyof Draft, readonly string[]> = {
  mailbox: ['/username'],
  ownerType: [],
  ownerId: ['/owner', '/owner/id'],
  name: ['/name'],
  shared: [],
  delegate: ['/delegate'],
  from: ['/from'],
  host: ['/host'],
  port: ['/port'],
  security: ['/security'],
  authentication: [],
  tenant: ['/authentication/tenant'],
}

const POINTERS = [...Object.values(pointersOf).flat(), PASSWORD, GRANT]

const without = (errors: Errors, pointers: readonly string[]): Errors =>
  Object.fromEntries(Object.entries(errors).filter(([pointer]) => !pointers.includes(pointer)))

export function changeDraft(state: FormState, typed: Partial<Draft>): FormState {
  const followsMailbox = state.followsMailbox && typed.ownerId === undefined
  const changes =
    followsMailbox && typed.mailbox !== undefined
      ? { ...typed, ownerId: ownerFor(typed.mailbox) }
      : typed
  const pointers = (Object.keys(changes) as (keyof Draft)[]).flatMap((name) => pointersOf[name])
  return {
    ...state,
    draft: { ...state.draft, ...changes },
    followsMailbox,
    errors: without(state.errors, pointers),
  }
}

/** Takes a server of the list, or null for another one. */
export function chooseServer(state: FormState, server: ServerDraft | null): FormState {
  const { port, security } = state.draft
  const changed = changeDraft(state, server ?? { host: '', port, security })
  return { ...changed, isOtherServer: server === null }
}

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

/** Takes back that there is no access token, where the way to get one has changed. */
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

/** Shows a refusal of the API at its fields, and beside the button where they cannot say all. */
export function showRefusal(
  state: FormState,
  of: 'validate' | 'save',
  problem: ApiError['problem'],
): FormState {
  const faults = problem.errors ?? []
  const known = faults.filter(({ pointer }) => POINTERS.includes(pointer))
  const errors = known.map(({ pointer, message }) => [pointer, sentence(message)])
  const saysAll = faults.length > 0 && known.length === faults.length
  return {
    ...state,
    errors: { ...state.errors, ...Object.fromEntries(errors) },
    refusal: saysAll ? null : { of, problem },
    focus: known.length > 0 ? { on: 'fault' } : state.focus,
  }
}

export function endSignIn(
  state: FormState,
  end: SignInEnd,
  servers: readonly MailServer[],
): FormState {
  if (end.kind !== 'completed') return { ...state, signInEnd: end, focus: { on: 'token' } }
  const { grant } = end
  const { draft } = state
  const server = personalServer(draft, servers, grant.account_type)
  return {
    ...withToken(state, grant),
    draft: { ...draft, ...server },
    isOtherServer: !isListed(servers, server),
    tokenStatus: `Signed in as ${grant.signed_in_as}. Validate it next, then save.`,
    focus: { on: 'validate' },
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
  tokenStatus: 'The access token is dropped from this form.',
})

export const keepSavedToken = (state: FormState, saved: Grant): FormState => withToken(state, saved)

/** Makes the mailbox a shared one for which `delegate` signs in. */
export const shareMailbox = (state: FormState, delegate: string): FormState => ({
  ...changeDraft(state, { shared: true, delegate }),
  refusal: null,
  focus: { on: 'validate' },
})

/** Shows the result of a validation. `login` is what it has tried. */
export const showValidation = (
  state: FormState,
  validation: Validation,
  login: string,
): FormState => ({
  ...state,
  validated: { validation, login },
  focus: validation.outcome === 'passed' ? { on: 'save' } : state.focus,
})

export const showConflict = (state: FormState, conflict: Conflict | null): FormState => ({
  ...state,
  conflict,
})

/** Takes over the values that somebody else has saved, without losing what was typed. */
export function loadNewer(
  state: FormState,
  newer: Draft,
  servers: readonly MailServer[],
): FormState {
  const base = tidy(newer)
  const { values: draft, kept } = mergeValues(state.base, tidy(state.draft), base)
  return {
    ...state,
    base,
    draft,
    isOtherServer: !isListed(servers, draft),
    conflict: { kind: 'loaded', kept, newer: base },
    focus: { on: 'save' },
  }
}
