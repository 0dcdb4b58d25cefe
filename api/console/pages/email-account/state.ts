/** The values of the account form, their changes, and what is derived from them. Pure. */
import type { Grant } from '../../../../schema/grant.ts'
import type { Integration, IntegrationSettings } from '../../../../schema/integration.ts'
import type { MailAccount, Owner } from '../../../../schema/mail-account.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { directionOf } from '../../../../schema/protocols.ts'
import type { Validation } from '../../../../schema/validation.ts'
import type { Problem } from '../../api.ts'
import type { Visit } from '../../router.ts'
import type { Errors, Shown } from '../../ui/form-state.ts'
import { credentialErrors, loginOf } from './authentication-kinds.ts'
import {
  type Draft,
  eachProtocol,
  errorsOf,
  type OwnerDraft,
  personalServer,
  pointerAt,
  type ServerDraft,
  tidy,
} from './draft.ts'
import { fitOf } from './grant-match.ts'
import type { SignInEnd } from './sign-in.ts'

export type Servers = IntegrationSettings['mail_servers']

/** A part of the form, folded to a line once it is done. */
export type Step = 'mailbox' | 'signIn'

/** A validation of one protocol, and the login that it tried (`loginOf`). */
export type Check = { login: string } & ({ validation: Validation } | { problem: Problem })

/** The draft as typed, spaces included, and the other values of the form. */
export type FormValues = Draft & {
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
  /** Accounts that are saved, while another one of the mailbox is not. */
  created: readonly MailAccount[]
  /** Steps that are opened again by "Change". */
  opened: readonly Step[]
  /** Someone else's action since the page was loaded, because of which the save was refused. */
  conflict: 'changed' | 'deleted' | null
}

type Changes = Partial<FormValues>

export type Saved = { account: MailAccount; etag: string | null; validation: Validation | null }

export type FormOptions = {
  integration: Integration
  settings: IntegrationSettings
  /** The owners that exist, as suggestions. */
  owners: readonly (Owner | null)[]
  /** Values that the form begins with. */
  draft: Draft
  customer: string | null
  /** The accounts as they are stored; none for a new mailbox. */
  saved: readonly Saved[]
  /** Accounts of the mailbox that the form does not save, since they have settings of their own. */
  others: readonly MailAccount[]
  /** Grant of the account, or for a new one, a grant that other accounts already have. */
  grant: Grant | null
  /** A sign-in that was completed with a link since, and is not saved yet. */
  signedIn: Grant | null
  visit: Pick<Visit, 'signal'>
}

export function beginForm(
  options: Pick<FormOptions, 'settings' | 'draft' | 'saved' | 'grant' | 'signedIn'>,
): FormValues {
  const { settings, saved, grant, signedIn } = options
  const draft = tidy(options.draft)
  const checks: FormValues['checks'] = {}
  for (const { account, validation } of saved) {
    const login = loginOf(draft, account.protocol, grant?.id ?? null, 0)
    if (validation) checks[account.protocol] = { login, validation }
  }
  const values: FormValues = {
    ...draft,
    password: '',
    passwordEdits: 0,
    grant,
    dropped: null,
    tokenStatus: '',
    signInEnd: null,
    checks,
    created: [],
    opened: [],
    conflict: null,
  }
  return signedIn ? { ...values, ...takeGrant(values, signedIn, settings.mail_servers) } : values
}

/** Returns what leaving the page would lose, as a sentence, or null. `saved`: the stored grant. */
export function unsavedWarning(
  { created, grant, password }: FormValues,
  isChanged: boolean,
  saved: Grant | null,
): string | null {
  if (created.length > 0) return 'Part of this mailbox is not saved. Leave this page?'
  if (grant !== null && grant.id !== saved?.id) {
    return 'The new sign-in is not saved and will be lost. Leave this page?'
  }
  return isChanged || password !== '' ? 'Your changes are not saved. Leave this page?' : null
}

/** Returns the login that a validation would try now, to be compared. */
export const currentLogin = (values: FormValues, protocol: Protocol) =>
  loginOf(tidy(values), protocol, values.grant?.id ?? null, values.passwordEdits)

/** Returns the stored account for this direction, whose protocol the form may change. */
export const savedFor = (saved: readonly Saved[], protocol: Protocol): Saved | undefined =>
  saved.find(({ account }) => directionOf(account.protocol) === directionOf(protocol))

export const credentialOf = ({ grant, password }: FormValues) => ({
  grantId: grant?.id ?? null,
  password,
})

/** Returns everything that is wrong with the form before anything is sent. */
export const allErrors = (values: FormValues, saved: readonly Saved[]): Errors => {
  const draft = tidy(values)
  const accounts = saved.map(({ account }) => account)
  return { ...errorsOf(draft), ...credentialErrors(draft, credentialOf(values), accounts) }
}

/** Returns the result of the login in the form: `untried` unless every protocol was tried. */
export function verdictOf(values: FormValues): 'untried' | 'passed' | 'failed' {
  const { protocols, checks } = values
  const isTried = (protocol: Protocol) => checks[protocol]?.login === currentLogin(values, protocol)
  if (protocols.length === 0 || !protocols.every(isTried)) return 'untried'
  return protocols.every((protocol) => isPassed(values, protocol)) ? 'passed' : 'failed'
}

/** Returns true if the last login of this protocol worked. */
export function isPassed({ checks }: FormValues, protocol: Protocol): boolean {
  const check = checks[protocol]
  return check !== undefined && 'validation' in check && check.validation.outcome === 'passed'
}

/** Returns true where a save changes nothing that a login depends on. `saved`: the stored grant. */
export const isLoginSaved = (values: FormValues, stored: Draft, saved: Grant | null) =>
  values.protocols.every(
    (protocol) =>
      stored.protocols.includes(protocol) &&
      currentLogin(values, protocol) === loginOf(stored, protocol, saved?.id ?? null, 0),
  )

/** Returns true if the form has an access token that fits the mailbox. */
export const isSignedIn = (values: FormValues): boolean =>
  values.authentication === 'oauth' &&
  values.grant !== null &&
  fitOf(values.grant, tidy(values)).tone === 'good'

/** Returns true for a step that is done, and shown as a line. */
export function isFolded(
  values: FormValues,
  errors: Errors,
  step: Step,
  isSaved: boolean,
): boolean {
  const isWrong = Object.keys(errors).some(
    (pointer) => pointer.startsWith('/authentication') === (step === 'signIn'),
  )
  if (isWrong || values.opened.includes(step)) return false
  if (step === 'signIn' && values.authentication === 'oauth') return isSignedIn(values)
  return isSaved || isSignedIn(values) || verdictOf(values) === 'passed'
}

/** JSON pointers of the values that have a field of their own. */
export const pointers = {
  protocols: '/protocol',
  mailbox: '/username',
  name: '/name',
  delegate: '/delegate',
  from: '/from',
  tenant: '/authentication/tenant',
}

/** Returns the other values behind the errors that the form shows. */
export const shownOf = (values: FormValues): Shown => {
  const { authentication, tenant, passwordEdits, grant } = values
  return {
    ...Object.assign({}, ...Object.values(eachProtocol((of) => shownAt(values, of)))),
    '/authentication/tenant': [authentication, tenant],
    '/authentication/password': [authentication, passwordEdits],
    '/authentication/grant_id': [authentication, grant?.id],
  }
}

const shownAt = ({ owners, servers }: FormValues, protocol: Protocol): Shown => {
  const [owner, server] = [owners[protocol], servers[protocol]]
  const values = { owner, 'owner/id': owner, host: server, port: server, security: server }
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`/${protocol}/${name}`, value]),
  )
}

/** Returns a refusal with the pointers of this form. */
export const atFields = (problem: Problem, protocol: Protocol): Problem => ({
  ...problem,
  errors: (problem.errors ?? []).map((error) => ({
    ...error,
    pointer: pointerAt(protocol, error.pointer),
  })),
})

export const changeOwner = (
  { owners }: FormValues,
  protocol: Protocol,
  typed: Partial<OwnerDraft>,
): Changes => ({ owners: { ...owners, [protocol]: { ...owners[protocol], ...typed } } })

export const changeServer = (
  { servers }: FormValues,
  protocol: Protocol,
  typed: Partial<ServerDraft>,
): Changes => ({ servers: { ...servers, [protocol]: { ...servers[protocol], ...typed } } })

/** Chooses a kind of authentication. A blank tenant becomes the home tenant. */
export function chooseAuthentication(
  { tenant }: FormValues,
  authentication: Draft['authentication'],
  homeTenant: string | null,
): Changes {
  const isBlank = authentication === 'app_only' && tenant.trim() === ''
  return { authentication, ...(isBlank && { tenant: homeTenant ?? '' }) }
}

export const changePassword = ({ passwordEdits }: FormValues, password: string): Changes => ({
  password,
  passwordEdits: passwordEdits + 1,
})

/** Takes what a sign-in has yielded. Its window has asked whether another account than the mailbox is the right one. */
export function endSignIn(values: FormValues, end: SignInEnd, servers: Servers): Changes {
  if (end.kind !== 'completed') return { signInEnd: end }
  const { signed_in_as: delegate } = end.grant
  const { isOtherAccount } = fitOf(end.grant, tidy(values))
  return { ...takeGrant(values, end.grant, servers), ...(isOtherAccount && { delegate }) }
}

/** Takes an access token that is new to the form. Personal mailboxes send through a server of their own. */
export function takeGrant(values: FormValues, grant: Grant, known: Servers): Changes {
  const smtp = personalServer(values.servers.smtp, known.smtp, grant.account_type)
  return {
    ...withToken(grant),
    servers: { ...values.servers, smtp },
    opened: [],
    tokenStatus: `Signed in as ${grant.signed_in_as}.`,
  }
}

/** Takes a grant that the form had before, or none. */
export const withToken = (grant: Grant | null): Changes => ({
  grant,
  signInEnd: null,
  tokenStatus: '',
})

export const resetToken = ({ grant }: FormValues): Changes => ({
  ...withToken(null),
  dropped: grant,
  tokenStatus: 'The sign-in was removed from this form.',
})

/** Shows the result of a validation, and folds the steps once the login works. `login` is what it has tried. */
export function showValidation(values: FormValues, login: string, validation: Validation): Changes {
  const checks = { ...values.checks, [validation.protocol]: { login, validation } }
  return { checks, ...(verdictOf({ ...values, checks }) === 'passed' && { opened: [] }) }
}

/** Shows a refused validation. `problem`: null if the fields' errors say it all, and the login counts as untried. */
export function showRefusedValidation(
  { checks }: FormValues,
  protocol: Protocol,
  login: string,
  problem: Problem | null,
): Changes {
  const { [protocol]: _, ...others } = checks
  return { checks: problem === null ? others : { ...others, [protocol]: { login, problem } } }
}

/** Records that accounts are saved, so that only the rest is saved next. */
export const addCreated = (
  { created, protocols }: FormValues,
  accounts: readonly MailAccount[],
): Changes => ({
  created: [...created, ...accounts],
  protocols: protocols.filter((each) => !accounts.some(({ protocol }) => protocol === each)),
})
