/** The form of the Microsoft settings: what is stored, what was typed, and what follows from both. Pure. */
import type {
  IntegrationSettings,
  IntegrationSettingsInput,
} from '../../../../schema/integration.ts'
import type { Cloud } from '../../../../schema/mail-servers.ts'
import type { Answer, ApiError } from '../../api.ts'
import { mergeValues, sameValues } from '../../ui/merge.ts'
import {
  type CredentialDraft,
  credentialInputOf,
  emptyCredentialDraft,
  isTyped,
  pointersOf,
} from './credential-draft.ts'

/** Those who may sign in; `one`: the accounts of a single tenant. */
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
export type Values = { client_id: string; cloud: Cloud; tenant: string; home_tenant: string }

export const labels: Record<keyof Values, string> = {
  client_id: 'Client ID',
  cloud: 'Cloud',
  tenant: 'Who may sign in',
  home_tenant: 'Home tenant',
}

/** A field that was changed by both sides, and the newer value that a save would replace. */
export type KeptField = { label: string; newer: string }

export type Editing = {
  /** The settings, and their version, that the draft began with. */
  stored: Answer<IntegrationSettings>
  draft: SettingsDraft
  /** Result of the last action on the form. */
  done: 'saved' | { loaded: KeptField[] } | null
}

const storedValues = ({ client_id, cloud, tenant, home_tenant }: IntegrationSettings): Values => ({
  client_id: client_id ?? '',
  cloud,
  tenant,
  home_tenant: home_tenant ?? '',
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

/** Goes on with newer settings. What was typed stays. */
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

/** Goes on with the settings that this page has changed itself: it says so only where both sides changed a field. */
export function takePromoted(before: Editing, newer: Answer<IntegrationSettings>): Editing {
  const after = takeNewer(before, newer)
  return after.done.loaded.length === 0 ? { ...after, done: before.done } : after
}

/** Returns what is missing, by JSON pointer. */
export const errorsOf = ({
  stored,
  draft,
}: Pick<Editing, 'stored' | 'draft'>): Record<string, string> =>
  credentialInputOf(draft.credential) === undefined &&
  isTyped(draft.credential, stored.body.credential)
    ? { '/credential': 'Enter it, or choose what is stored.' }
    : {}

export function inputOf(draft: SettingsDraft): IntegrationSettingsInput {
  const values = typedValues(draft)
  const credential = credentialInputOf(draft.credential)
  return {
    ...values,
    home_tenant: values.home_tenant || null,
    ...(credential && { credential }),
  }
}

/** Returns the JSON pointers of the fields that are shown. */
export const settingsPointersOf = (draft: SettingsDraft): string[] => [
  '/client_id',
  '/cloud',
  '/tenant',
  '/home_tenant',
  ...pointersOf(draft.credential, '/credential'),
]

/** Returns a refusal in the words of this form, at its fields. */
export function atFields(problem: ApiError['problem']): ApiError['problem'] {
  if (problem.code === 'client_secret_is_an_id' || problem.code === 'credential_required') {
    return { ...problem, errors: [{ pointer: '/credential', message: problem.detail }] }
  }
  return problem.errors ? { ...problem, errors: problem.errors.map(inPlainWords) } : problem
}

/** The API says "must be a GUID", which says something to programmers. */
const inPlainWords = (fault: { pointer: string; message: string }) =>
  fault.pointer === '/client_id'
    ? {
        ...fault,
        message: 'Copy it from Entra: it looks like 00000000-0000-0000-0000-000000000000.',
      }
    : fault
