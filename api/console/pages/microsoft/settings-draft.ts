/** The values of the Microsoft settings, stored and typed, and what is derived from them. Pure. */
import type {
  IntegrationSettings,
  IntegrationSettingsInput,
  VerifyResult,
} from '../../../../schema/integration.ts'
import type { Cloud } from '../../../../schema/mail-servers.ts'
import type { Answer, Problem } from '../../api.ts'
import type { Errors } from '../../ui/errors.ts'
import { mergeValues, sameValues } from '../../ui/merge.ts'
import {
  type CredentialDraft,
  credentialErrors,
  credentialInputOf,
  emptyCredentialDraft,
  isTyped,
  newExpiryOf,
  pointersOf,
} from './credential-draft.ts'
import type { PastedValues } from './pasted-values.ts'

/** Accounts that may sign in; `one`: those of a single tenant. */
export type Audience = 'common' | 'organizations' | 'consumers' | 'one'

export type SettingsDraft = {
  clientId: string
  homeTenant: string
  audience: Audience
  /** The tenant of the audience `one`. */
  tenant: string
  cloud: Cloud
  credential: CredentialDraft
}

/** The settings as the API has them, apart from the credential. */
export type Values = {
  client_id: string
  cloud: Cloud
  tenant: string
  home_tenant: string
}

export const labels: Record<keyof Values, string> = {
  client_id: 'Client ID',
  cloud: 'Cloud',
  tenant: 'Who may sign in',
  home_tenant: 'Directory (tenant) ID',
}

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

/** A field that both sides changed, and the newer value that a save would replace. */
type KeptField = { label: string; newer: string }

export type Editing = {
  /** The settings, and their version, that the draft began with. */
  stored: Answer<IntegrationSettings>
  draft: SettingsDraft
  /** Fields to compare after newer settings were loaded. */
  done: { loaded: KeptField[] } | null
}

const storedValues = (stored: IntegrationSettings): Values => ({
  client_id: stored.client_id ?? '',
  cloud: stored.cloud,
  tenant: stored.tenant,
  home_tenant: stored.home_tenant ?? '',
})

const typedValues = (draft: SettingsDraft): Values => ({
  client_id: draft.clientId.trim(),
  cloud: draft.cloud,
  tenant: draft.audience === 'one' ? draft.tenant.trim() : draft.audience,
  home_tenant: draft.homeTenant.trim(),
})

const isAudience = (tenant: string): tenant is Exclude<Audience, 'one'> =>
  ['common', 'organizations', 'consumers'].includes(tenant)

const draftOf = (values: Values, credential: CredentialDraft): SettingsDraft => ({
  clientId: values.client_id,
  homeTenant: values.home_tenant,
  ...(isAudience(values.tenant)
    ? { audience: values.tenant, tenant: '' }
    : { audience: 'one', tenant: values.tenant }),
  cloud: values.cloud,
  credential,
})

export const edit = (stored: Answer<IntegrationSettings>): Editing => ({
  stored,
  draft: draftOf(storedValues(stored.body), emptyCredentialDraft(stored.body.credential)),
  done: null,
})

export const isChanged = ({ stored, draft }: Editing): boolean =>
  isTyped(draft.credential, stored.body.credential) ||
  !sameValues(storedValues(stored.body), typedValues(draft))

/** Merges newer settings into the form. What was typed stays. */
export function takeNewer({ stored, draft }: Editing, newer: Answer<IntegrationSettings>) {
  const newest = storedValues(newer.body)
  const { values, kept } = mergeValues(storedValues(stored.body), typedValues(draft), newest)
  const credential = isTyped(draft.credential, stored.body.credential)
    ? draft.credential
    : emptyCredentialDraft(newer.body.credential)
  return {
    stored: newer,
    draft: draftOf(values, credential),
    done: { loaded: kept.map((name) => ({ label: labels[name], newer: newest[name] })) },
  }
}

/** Merges settings that this page has changed itself. Shows a notice only if both sides changed a field. */
export function takePromoted(before: Editing, newer: Answer<IntegrationSettings>): Editing {
  const after = takeNewer(before, newer)
  return after.done.loaded.length === 0 ? { ...after, done: before.done } : after
}

/** Returns true if the same app will use a federated credential, which disconnects no mailbox. */
export const becomesFederated = ({ stored: { body }, draft }: Editing): boolean =>
  draft.credential.kind === 'federated' &&
  typedValues(draft).client_id === body.client_id &&
  draft.cloud === body.cloud

/** Returns what is missing, by JSON pointer. */
export const errorsOf = ({ stored, draft }: Pick<Editing, 'stored' | 'draft'>) =>
  credentialErrors(draft.credential, stored.body.credential, '/credential')

export function inputOf(draft: SettingsDraft, now: Date): IntegrationSettingsInput {
  const values = typedValues(draft)
  const credential = credentialInputOf(draft.credential, now)
  const secret_expires_at = newExpiryOf(draft.credential, now)
  return {
    ...values,
    home_tenant: values.home_tenant || null,
    ...(credential && { credential }),
    ...(secret_expires_at && { secret_expires_at }),
  }
}

/** Returns the draft with the values of a paste. */
export function withPasted(draft: SettingsDraft, pasted: PastedValues): SettingsDraft {
  const { clientId, homeTenant, kind, secret, end } = pasted
  return {
    ...draft,
    ...(clientId !== undefined && { clientId }),
    ...(homeTenant !== undefined && { homeTenant }),
    credential: {
      ...draft.credential,
      // A stored one, which is kept, stays so.
      ...(kind !== undefined && draft.credential.kind !== kind && { kind, source: 'made' }),
      ...(secret !== undefined && { kind: 'client_secret', secret }),
      ...(end !== undefined && { expiry: 'date', end }),
    },
  }
}

/** Names what a paste has filled in, for a sentence. */
export const pastedNames = ({ clientId, homeTenant, kind, secret, end }: PastedValues): string =>
  [
    clientId && 'client ID',
    homeTenant && 'tenant',
    kind && 'federated credential',
    secret && 'client secret',
    end && 'expiry date',
  ]
    .filter(Boolean)
    .join(', ')

/** Returns the JSON pointers of the fields that are shown. */
export const settingsPointersOf = (draft: SettingsDraft): string[] => [
  '/client_id',
  '/cloud',
  '/tenant',
  '/home_tenant',
  '/secret_expires_at',
  ...pointersOf(draft.credential, '/credential'),
]

/** Returns a refusal in the words of this form, at its fields. */
export function atFields(problem: Problem): Problem {
  if (problem.code === 'client_secret_is_an_id' || problem.code === 'credential_required') {
    return { ...problem, errors: [{ pointer: '/credential', message: problem.detail }] }
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
