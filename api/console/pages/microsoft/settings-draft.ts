/** The values of the Microsoft settings, stored and typed, and what is derived from them. Pure. */
import type {
  IntegrationSettings,
  IntegrationSettingsInput,
  VerifyResult,
} from '../../../../schema/integration.ts'
import type { Cloud, Protocol } from '../../../../schema/mail-servers.ts'
import { PROTOCOL_NAMES } from '../../../../schema/protocols.ts'
import type { Problem } from '../../api.ts'
import type { Errors } from '../../ui/form-state.ts'
import { protocolLabels } from '../../ui/mail-account.ts'
import {
  type CredentialDraft,
  credentialInputOf,
  emptyCredentialDraft,
  newExpiryOf,
  shownIn,
  tidyCredential,
} from './credential-draft.ts'
import type { PastedValues } from './pasted-values.ts'

/** Stands for the tenant of `home_tenant`: only its accounts may sign in. */
const HOME = 'home'

/** The settings under their names in the API. */
export type SettingsDraft = {
  client_id: string
  cloud: Cloud
  /** The tenant whose users can sign in: `home`, or a value of the API. */
  tenant: string
  /** The organisation's directory, where the app is registered. */
  home_tenant: string
  /** The protocols that email accounts and sign-ins may use. */
  protocols: readonly Protocol[]
  credential: CredentialDraft
}

type Plain = Exclude<keyof SettingsDraft, 'credential'>

export const labels: Record<Plain, string> = {
  client_id: 'Client ID',
  cloud: 'Cloud',
  tenant: 'Who can sign in',
  home_tenant: 'Directory (tenant) ID or domain',
  protocols: 'Protocols',
}

/** The protocols to choose from. Microsoft Graph is off at first. */
export const protocolOptions: { value: Protocol; label: string; help?: string }[] = [
  { value: 'imap', label: protocolLabels.imap },
  { value: 'smtp', label: protocolLabels.smtp },
  {
    value: 'graph_send',
    label: protocolLabels.graph_send,
    help: 'Works where SMTP AUTH is off. Add the delegated permission Mail.Send to the app registration. Each person consents to it when they sign in, or an administrator consents once for everyone.',
  },
]

export const protocolNames = (protocols: readonly Protocol[]) =>
  protocols.map((protocol) => PROTOCOL_NAMES[protocol]).join(', ')

/** The JSON pointer of each value. The draft uses the names of the API. */
export const pointers = Object.fromEntries(
  Object.keys(labels).map((name) => [name, `/${name}`]),
) as Record<Plain, string>

export const clouds: { value: Cloud; label: string }[] = [
  { value: 'global', label: 'Worldwide (with GCC)' },
  { value: 'us_gov_high', label: 'US Government, GCC High' },
  { value: 'us_gov_dod', label: 'US Government, DoD' },
  { value: 'china', label: 'China (21Vianet)' },
]

type Audience = { value: string; label: string; help?: string }

const audiences: Audience[] = [
  { value: HOME, label: 'One organisation', help: 'Only its accounts.' },
  {
    value: 'organizations',
    label: 'Several organisations',
    help: 'Any work or school account.',
  },
  {
    value: 'common',
    label: 'Personal accounts, too',
    help: 'Any Microsoft account, including Outlook.com and Hotmail.',
  },
  { value: 'consumers', label: 'Personal accounts only' },
]

const isKnown = (tenant: string) => audiences.some(({ value }) => value === tenant)

/** Returns the audiences to choose from: with the stored one, if only the API can set it. */
export const audiencesOf = (stored: string): readonly Audience[] =>
  isKnown(stored) ? audiences : [...audiences, { value: stored, label: `Only ${stored}` }]

/** Returns true if only accounts of the directory itself may sign in. */
export const isOwnOnly = ({ tenant }: Pick<SettingsDraft, 'tenant'>) => tenant === HOME

/**
 * Returns the credential that can be kept: the stored one, or before there is one the next, which becomes it. Null for
 * another app, which needs its own credential. For a secret, the API says so, after what is wrong with the client ID.
 */
export function keptCredential(stored: IntegrationSettings, clientId = stored.client_id) {
  const kept = stored.credential ?? stored.next_credential
  const isOtherApp = stored.client_id !== null && clientId?.trim() !== stored.client_id
  return isOtherApp && kept?.type !== 'client_secret' ? null : kept
}

/** Returns the stored settings as the form begins with them. A new deployment begins with one organisation. */
export function draftOf(stored: IntegrationSettings): SettingsDraft {
  const { client_id, cloud, tenant, home_tenant, protocols } = stored
  const home = home_tenant ?? (isKnown(tenant) ? '' : tenant)
  return {
    client_id: client_id ?? '',
    cloud,
    tenant: client_id === null || tenant === home ? HOME : tenant,
    home_tenant: home,
    protocols,
    credential: emptyCredentialDraft(keptCredential(stored)),
  }
}

/** Returns the draft without what is not sent. */
export const tidy = (draft: SettingsDraft): SettingsDraft => ({
  client_id: draft.client_id.trim(),
  cloud: draft.cloud,
  tenant: draft.tenant,
  home_tenant: draft.home_tenant.trim(),
  protocols: draft.protocols,
  credential: tidyCredential(draft.credential),
})

/** Returns the values that decide how the app is registered, under their names in the API. */
function registrationOf(draft: SettingsDraft) {
  const { cloud, home_tenant, protocols } = tidy(draft)
  return {
    cloud,
    tenant: isOwnOnly(draft) ? home_tenant : draft.tenant,
    home_tenant: home_tenant || null,
    protocols: [...protocols],
  }
}

/** Returns the query of the setup guide for settings that are not stored yet. */
export function guideQuery(draft: SettingsDraft): URLSearchParams {
  const { home_tenant, ...values } = registrationOf(draft)
  return new URLSearchParams({
    ...values,
    protocols: values.protocols.join(),
    ...(home_tenant && { home_tenant }),
  })
}

/** Returns what is wrong with the values that decide how the app is registered. */
export function registrationErrors(draft: SettingsDraft): Errors {
  const isForPersonal = draft.tenant === 'common' || draft.tenant === 'consumers'
  return {
    ...(isOwnOnly(draft) &&
      draft.home_tenant.trim() === '' && {
        '/home_tenant': "Enter the organisation's ID or domain.",
      }),
    ...(isForPersonal &&
      draft.cloud !== 'global' && { '/tenant': 'This cloud has no personal accounts.' }),
    ...(draft.protocols.length === 0 && { '/protocols': 'Choose at least one.' }),
  }
}

/** Returns true if the same app will use a federated credential, which disconnects no mailbox. */
export const becomesFederated = (draft: SettingsDraft, stored: IntegrationSettings): boolean =>
  draft.credential.kind === 'federated' &&
  draft.client_id.trim() === stored.client_id &&
  draft.cloud === stored.cloud

export function inputOf(
  draft: SettingsDraft,
  stored: IntegrationSettings,
): IntegrationSettingsInput {
  const credential = credentialInputOf(draft.credential, keptCredential(stored, draft.client_id))
  const secret_expires_at = newExpiryOf(draft.credential)
  return {
    client_id: draft.client_id.trim(),
    ...registrationOf(draft),
    ...(credential && { credential }),
    ...(secret_expires_at && { secret_expires_at }),
  }
}

/** Returns the values behind the errors of the credential. */
export const shownOf = ({ credential }: SettingsDraft) => ({
  '/secret_expires_at': credential.end,
  ...shownIn(credential, '/credential'),
})

/** Returns the draft with the values of a paste. */
export function withPasted(draft: SettingsDraft, pasted: PastedValues): SettingsDraft {
  const { kind, secret, end, ...values } = pasted
  return {
    ...draft,
    ...values,
    credential: {
      ...draft.credential,
      ...(kind !== undefined && { kind }),
      ...(secret !== undefined && { kind: 'client_secret', secret }),
      ...(end !== undefined && { end }),
    },
  }
}

/** Returns a refusal with the form's own messages, at its fields. `at`: JSON pointer of the credential. */
export function atFields(problem: Problem, at = '/credential'): Problem {
  if (problem.code === 'client_secret_is_an_id' || problem.code === 'credential_required') {
    return { ...problem, errors: [{ pointer: at, message: problem.detail }] }
  }
  if (!problem.errors) return problem
  // The tenant of one organisation is the same field as the directory.
  const isHome = problem.errors.some(({ pointer }) => pointer === '/home_tenant')
  const errors = problem.errors.filter(({ pointer }) => !isHome || pointer !== '/tenant')
  return { ...problem, errors: errors.map(inPlainEnglish) }
}

/** Returns true if Microsoft was not asked, since no directory to ask is known. */
export const isUnchecked = (
  { home_tenant }: IntegrationSettings,
  result: Pick<VerifyResult, 'outcome' | 'diagnosis'> | null,
): boolean =>
  home_tenant === null && result?.outcome === 'inconclusive' && result.diagnosis === null

/** Returns the field that caused a failed verification, with a message for it, or null. */
export function blamedField({ outcome, diagnosis }: VerifyResult): Errors | null {
  if (outcome === 'passed') return null
  const cause = diagnosis?.candidates[0]?.cause ?? ''
  if (cause.startsWith('client-secret')) {
    return {
      '/credential': 'Microsoft does not accept this secret. Enter the Value of a valid one.',
    }
  }
  if (cause === 'wrong-client-id' || cause === 'first-party-app-id') {
    return { '/client_id': 'Microsoft does not know this app in the directory. Compare both IDs.' }
  }
  return cause === 'wrong-tenant-or-cloud'
    ? { '/home_tenant': 'Microsoft does not know this directory. Copy its ID from Entra.' }
    : null
}

/** Replaces the API's "must be a GUID" by plain English. */
const inPlainEnglish = (fault: { pointer: string; message: string }) =>
  fault.pointer === '/client_id'
    ? {
        ...fault,
        message: 'Copy it from Entra: it looks like 00000000-0000-0000-0000-000000000000.',
      }
    : fault
