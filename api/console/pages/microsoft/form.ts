/** The settings form. A lost race, a change that disconnects mailboxes: it asks, and loses nothing. */
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import type { Cloud } from '../../../../schema/mail-servers.ts'
import { type Answer, ApiError, request } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import { whileBusy } from '../../ui/busy.ts'
import { confirm } from '../../ui/dialog.ts'
import { type Field, selectField, textField } from '../../ui/fields.ts'
import { complainAtFields, notice, problemNotice } from '../../ui/notice.ts'
import { credentialPart } from './credential.ts'
import { mergeValues, sameValues, type Values } from './merge.ts'
import { whoPart } from './who.ts'

export const SETTINGS = '/v1/integrations/microsoft/settings'

const clouds: { value: Cloud; label: string }[] = [
  { value: 'global', label: 'Worldwide (with GCC)' },
  { value: 'us_gov_high', label: 'US Government, GCC High' },
  { value: 'us_gov_dod', label: 'US Government, DoD' },
  { value: 'china', label: 'China (21Vianet)' },
]

const labels: Record<keyof Values, string> = {
  client_id: 'Client ID',
  cloud: 'Cloud',
  tenant: 'Who may sign in',
  home_tenant: 'Home tenant',
}

const valuesOf = (settings: IntegrationSettings): Values => ({
  client_id: settings.client_id ?? '',
  cloud: settings.cloud,
  tenant: settings.tenant,
  home_tenant: settings.home_tenant ?? '',
})

export type SettingsForm = {
  element: HTMLElement
  changed: () => boolean
  /** Takes in what is stored now; nothing that was typed is lost. */
  renew: () => Promise<void>
}

/** `saved` hears of every save, when the form shows the new values already. */
export function settingsForm(
  first: Answer<IntegrationSettings>,
  saved: (settings: IntegrationSettings) => void,
): SettingsForm {
  const clientId = textField({
    label: labels.client_id,
    help: '"Application (client) ID" on the Overview page of the app.',
    required: true,
    placeholder: '00000000-0000-0000-0000-000000000000',
  })
  const credential = credentialPart()
  const who = whoPart()
  const home = textField({
    label: labels.home_tenant,
    help: '"Directory (tenant) ID" on the same page, or a domain: where the app is registered. "Verify" asks there.',
  })
  const cloud = selectField({ label: labels.cloud, options: clouds })
  const said = h('div', { role: 'status' })
  const wrong = h('div', { role: 'alert' })
  const button = h('button', { class: 'main', type: 'submit' }, 'Save')
  let base = valuesOf(first.body)
  let etag = first.etag

  const read = (): Values => ({
    client_id: clientId.input.value.trim(),
    cloud: cloud.input.value,
    tenant: who.read(),
    home_tenant: home.input.value.trim(),
  })
  const write = (values: Values) => {
    clientId.input.value = values.client_id
    cloud.input.value = values.cloud
    who.write(values.tenant)
    home.input.value = values.home_tenant
  }
  const changed = () => credential.typed() || !sameValues(base, read())
  const fields = (): Record<string, Pick<Field<HTMLElement>, 'complain' | 'input'>> => ({
    '/client_id': clientId,
    '/cloud': cloud,
    '/tenant': who.field(),
    '/home_tenant': home,
    ...credential.fields(),
  })

  async function save(confirmed = false): Promise<void> {
    const values = read()
    const secret = credential.read()
    if (secret === undefined && credential.typed()) {
      const field = credential.fields()['/credential']
      field?.complain('Enter it, or choose what is stored.')
      field?.input.focus()
      return
    }
    try {
      const answer = await request<IntegrationSettings>(
        `${SETTINGS}${confirmed ? '?confirm=true' : ''}`,
        {
          method: 'PUT',
          headers: etag === null ? {} : { 'if-match': etag },
          body: {
            ...values,
            home_tenant: values.home_tenant || null,
            ...(secret && { credential: secret }),
          },
        },
      )
      base = valuesOf(answer.body)
      etag = answer.etag
      write(base)
      credential.settle(answer.body.credential)
      fill(said, notice('good', 'Saved', h('div', {}, 'Verify next whether they work.')))
      saved(answer.body)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      await refused(error.problem)
    }
  }

  async function refused(problem: ApiError['problem']): Promise<void> {
    if (problem.code === 'grants_depend') {
      if (await confirm(disconnecting(problem.grants ?? 0))) await save(true)
    } else if (problem.code === 'precondition_failed') {
      fill(wrong, overtaken(loadNewer))
    } else if (isAboutSecret(problem)) {
      complainAtFields({ errors: [{ pointer: '/credential', message: problem.detail }] }, fields())
    } else if (!complainAtFields({ errors: problem.errors?.map(plain) ?? [] }, fields())) {
      fill(wrong, problemNotice(problem))
    }
  }

  /** The newer values come in wherever nothing was typed. */
  async function takeNewer() {
    const newer = await request<IntegrationSettings>(SETTINGS)
    const values = valuesOf(newer.body)
    const { values: merged, kept } = mergeValues(base, read(), values)
    if (!credential.typed()) credential.settle(newer.body.credential)
    base = values
    etag = newer.etag
    write(merged)
    return { kept, values }
  }

  async function loadNewer(): Promise<void> {
    try {
      const { kept, values } = await takeNewer()
      fill(wrong)
      fill(said, loaded(kept, values))
      button.focus()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      fill(wrong, problemNotice(error.problem))
    }
  }

  const element = h(
    'form',
    {
      'aria-label': 'Microsoft settings',
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault()
        fill(said)
        fill(wrong)
        void whileBusy(button, () => save())
      },
    },
    h('div', { class: 'pair' }, clientId.element, home.element),
    credential.element,
    h('div', { class: 'pair' }, who.element, cloud.element),
    h('div', {}, wrong, said, h('div', { class: 'row' }, button)),
  )
  write(base)
  credential.settle(first.body.credential)
  const renew = async () => {
    const { kept, values } = await takeNewer()
    if (kept.length > 0) fill(said, loaded(kept, values))
  }
  return { element, changed, renew }
}

const isAboutSecret = ({ code }: ApiError['problem']) =>
  code === 'client_secret_is_an_id' || code === 'credential_required'

/** The API says "must be a GUID", which says something to programmers. */
const plain = (fault: { pointer: string; message: string }) =>
  fault.pointer === '/client_id'
    ? {
        ...fault,
        message: 'Copy it from Entra: it looks like 00000000-0000-0000-0000-000000000000.',
      }
    : fault

const disconnecting = (grants: number) => ({
  title: grants === 1 ? 'Disconnect one access token?' : `Disconnect ${grants} access tokens?`,
  text: [
    h(
      'p',
      {},
      `${grants === 1 ? 'One access token was' : `${grants} access tokens were`} made with the client ID and the cloud that are stored now. They stop working with the new ones.`,
    ),
    h('p', {}, 'Their email accounts need reconnecting: each person signs in again.'),
  ],
  yes: 'Save and disconnect',
  danger: true,
})

function overtaken(load: () => Promise<void>) {
  const button = h('button', { type: 'button' }, 'Load the newer values')
  button.addEventListener('click', () => void whileBusy(button, load))
  return notice(
    'ask',
    'Somebody else has saved these settings meanwhile',
    h('div', {}, 'Nothing of yours was saved. Load theirs; what you have typed stays as it is.'),
    h('div', { class: 'row after' }, button),
  )
}

const loaded = (kept: readonly (keyof Values)[], newer: Values) =>
  notice(
    'ask',
    'The newer values are loaded',
    h(
      'div',
      {},
      kept.length === 0
        ? 'Look them over, then save.'
        : 'What you typed was kept. Save to replace what somebody else has saved:',
    ),
    kept.length > 0 &&
      h(
        'ul',
        {},
        kept.map((name) => h('li', {}, `${labels[name]}: `, h('code', {}, newer[name] || 'none'))),
      ),
  )
