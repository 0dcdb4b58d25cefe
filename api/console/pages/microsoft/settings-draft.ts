/** The values of the Microsoft settings, stored and typed, and what is derived from them. Pure. */
import type {
  IntegrationSettings,
  IntegrationSettingsInput,
  VerifyResult,
} from '../../../../schema/integration.ts'
import type { Cloud, Protocol } from '../../../../schema/mail-servers.ts'
import { PROTOCOL_NAMES } from '../../../../schema/protocols.ts'
import type { Problem } from '../../api.ts'
import type { Errors, KeptField } from '../../ui/form-state.ts'
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

/** Accounts that may sign in; `one`: those of a single tenant. */
export type Audience = 'common' | 'organizations' | 'consumers' | 'one'

/** The settings under their names in the API. */
export type SettingsDraft = {
  client_id: string
  cloud: Cloud
  /** `id`: the tenant of the audience `one`. */
  tenant: { audience: Audience; id: string }
  home_tenant: string
  /** The protocols that email accounts and sign-ins may use. */
  protocols: readonly Protocol[]
  credential: CredentialDraft
}

type Plain = Exclude<keyof SettingsDraft, 'credential'>

export const labels: Record<Plain, string> = {
  client_id: 'Client ID',
  cloud: 'Cloud',
  tenant: 'Who may sign in',
  home_tenant: 'Directory (tenant) ID',
  protocols: 'Protocols',
}

/** The protocols to choose from. Microsoft Graph is off at first. */
export const protocolOptions: { value: Protocol; label: string; help?: string }[] = [
  { value: 'imap', label: protocolLabels.imap },
  { value: 'smtp', label: protocolLabels.smtp },
  {
    value: 'graph_send',
    label: protocolLabels.graph_send,
    help: 'Works where SMTP AUTH is off. The app registration needs the delegated permission Mail.Send, and it takes a consent of its own: each person signs in for it once, or an administrator consents for all.',
  },
]

export const protocolNames = (protocols: readonly Protocol[]) =>
  protocols.map((protocol) => PROTOCOL_NAMES[protocol]).join(', ')

/** The JSON pointer of each value, which has its name in the API. */
export const pointers = Object.fromEntries(
  Object.keys(labels).map((name) => [name, `/${name}`]),
) as Record<Plain, string>

export const clouds: { value: Cloud; label: string }[] = [
  { value: 'global', label: 'Worldwide (with GCC)' },
  { value: 'us_gov_high', label: 'US Government, GCC High' },
  { value: 'us_gov_dod', label: 'US Government, DoD' },
  { value: 'china', label: 'China (21Vianet)' },
]

export const audiences: { value: Audience; label: string }[] = [
  { value: 'common', label: 'Any Microsoft account' },
  { value: 'organizations', label: 'Any work or school account' },
  { value: 'consumers', label: 'Personal accounts only' },
  { value: 'one', label: 'One organisation only' },
]

const isAudience = (tenant: string): tenant is Exclude<Audience, 'one'> =>
  ['common', 'organizations', 'consumers'].includes(tenant)

/** Returns the stored settings as the form begins with them. */
export const draftOf = (stored: IntegrationSettings): SettingsDraft => ({
  client_id: stored.client_id ?? '',
  cloud: stored.cloud,
  tenant: isAudience(stored.tenant)
    ? { audience: stored.tenant, id: '' }
    : { audience: 'one', id: stored.tenant },
  home_tenant: stored.home_tenant ?? '',
  protocols: stored.protocols,
  credential: emptyCredentialDraft(stored.credential),
})

/** Returns the draft without what is not sent. */
export const tidy = ({ tenant: { audience, id }, ...draft }: SettingsDraft): SettingsDraft => ({
  client_id: draft.client_id.trim(),
  cloud: draft.cloud,
  tenant: { audience, id: audience === 'one' ? id.trim() : '' },
  home_tenant: draft.home_tenant.trim(),
  protocols: draft.protocols,
  credential: tidyCredential(draft.credential),
})

const tenantOf = ({ tenant: { audience, id } }: SettingsDraft) =>
  audience === 'one' ? id : audience

/** Returns a value of the form as people read it. */
function valueText(draft: SettingsDraft, name: Plain): string {
  if (name === 'protocols') return protocolNames(draft.protocols)
  return name === 'tenant' ? tenantOf(draft) : draft[name]
}

/** Names the fields that a merge has kept. A credential has no newer value to show. */
export const keptFields = (
  names: readonly (keyof SettingsDraft)[],
  newer: SettingsDraft,
): KeptField[] =>
  names.flatMap((name) =>
    name === 'credential' ? [] : [{ label: labels[name], newer: valueText(newer, name) }],
  )

/** Returns true if the same app will use a federated credential, which disconnects no mailbox. */
export const becomesFederated = (draft: SettingsDraft, stored: IntegrationSettings): boolean =>
  draft.credential.kind === 'federated' &&
  draft.client_id.trim() === stored.client_id &&
  draft.cloud === stored.cloud

export function inputOf(draft: SettingsDraft, now: Date): IntegrationSettingsInput {
  const values = tidy(draft)
  const credential = credentialInputOf(draft.credential, now)
  const secret_expires_at = newExpiryOf(draft.credential, now)
  return {
    client_id: values.client_id,
    cloud: values.cloud,
    tenant: tenantOf(values),
    home_tenant: values.home_tenant || null,
    protocols: [...values.protocols],
    ...(credential && { credential }),
    ...(secret_expires_at && { secret_expires_at }),
  }
}

/** Returns the values behind the errors of the credential. */
export const shownOf = ({ credential }: SettingsDraft) => ({
  '/secret_expires_at': [credential.expiry, credential.end],
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
      // A stored one, which is kept, stays so.
      ...(kind !== undefined && draft.credential.kind !== kind && { kind, source: 'made' }),
      ...(secret !== undefined && { kind: 'client_secret', secret }),
      ...(end !== undefined && { expiry: 'date', end }),
    },
  }
}

const pastedLabels: Record<keyof PastedValues, string> = {
  client_id: 'client ID',
  home_tenant: 'tenant',
  kind: 'federated credential',
  secret: 'client secret',
  end: 'expiry date',
}

/** Names what a paste has filled in, for a sentence. */
export const pastedNames = (pasted: PastedValues): string =>
  (Object.keys(pastedLabels) as (keyof PastedValues)[])
    .filter((name) => pasted[name])
    .map((name) => pastedLabels[name])
    .join(', ')

/** Returns a refusal in the words of a form, at its fields. `at`: JSON pointer of the credential. */
export function atFields(problem: Problem, at = '/credential'): Problem {
  if (problem.code === 'client_secret_is_an_id' || problem.code === 'credential_required') {
    return { ...problem, errors: [{ pointer: at, message: problem.detail }] }
  }
  return problem.errors ? { ...problem, errors: problem.errors.map(inPlainWords) } : problem
}

/** Returns true if Microsoft was not asked, since no directory to ask is known. */
export const isUnchecked = (
  { home_tenant }: IntegrationSettings,
  answer: Pick<VerifyResult, 'outcome' | 'diagnosis'> | null,
): boolean =>
  home_tenant === null && answer?.outcome === 'inconclusive' && answer.diagnosis === null

/** Returns the field that a verification blames, with a message for it; null if it blames none of them. */
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

/** Replaces "must be a GUID" of the API by plain words. */
const inPlainWords = (fault: { pointer: string; message: string }) =>
  fault.pointer === '/client_id'
    ? {
        ...fault,
        message: 'Copy it from Entra: it looks like 00000000-0000-0000-0000-000000000000.',
      }
    : fault
