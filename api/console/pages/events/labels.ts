/** Events in plain words. Pure. */
import type { Actor, AuditEvent } from '../../../../schema/event.ts'
import { events } from '../../../../schema/events.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { PROTOCOL_NAMES } from '../../../../schema/protocols.ts'
import { capitalised } from '../../ui/phrase.ts'
import type { Tone } from '../../ui/state.ts'
import { exactly } from '../../ui/time.ts'

/** Returns the colour of an event, which is plain unless the event is a problem or a recovery. */
export function eventTone({ type }: Pick<AuditEvent, 'type'>): Tone {
  const kind = events[type]?.kind
  if (kind === 'problem') return 'bad'
  return kind === 'recovery' ? 'good' : 'plain'
}

/** Returns the name of the actor. `names` holds the names of API keys by id, as far as they are known. */
export function actorName({ type, id, name }: Actor, names: ReadonlyMap<string, string>): string {
  if (type === 'system') return 'Mailgrant'
  if (type === 'browser') return 'Person signing in'
  if (type === 'person') return name ?? 'A person'
  if (id === null) return 'A key'
  return names.get(id) ?? (id === 'root' ? 'Root key' : `Key ${id}`)
}

export type SubjectLink = { text: string; href: string | null }

/** Returns the label of the subject of an event, with the page that shows it. */
export function subjectLink({
  type,
  subject,
  data,
}: Pick<AuditEvent, 'type' | 'subject' | 'data'>): SubjectLink {
  if (subject === 'microsoft')
    return { text: 'Microsoft settings', href: '#/integrations/microsoft' }
  if (subject === 'root') return { text: 'Root key', href: null }
  const account = [subject, data.mail_account].find(isMailAccount)
  const name = [data.username, data.signed_in_as, data.name, data.tenant].find(isText)
  if (subject?.startsWith('key_')) return { text: name ?? 'API key', href: '#/api-keys' }
  if (subject?.startsWith('wh_')) {
    const href = type === 'webhook.deleted' ? null : `#/webhooks/${subject}`
    return { text: [data.url, data.to].find(isText) ?? 'Alert channel or webhook', href }
  }
  const isDeleted = type === 'mail_account.deleted'
  return {
    text: name ?? (account ? 'Email account' : ''),
    href: account && !isDeleted ? `#/mailboxes/${account}` : null,
  }
}

export type Detail = { label: string | null; value: string }

/** Lists the other facts of an event. Sentences have no label; ids are shown elsewhere. */
export function eventDetails(event: Pick<AuditEvent, 'type' | 'subject' | 'data'>): Detail[] {
  const { text } = subjectLink(event)
  return Object.entries(event.data)
    .filter(
      ([name, value]) =>
        value !== null && value !== '' && value !== text && !SHOWN_ELSEWHERE.has(name),
    )
    .map(([name, value]) => ({
      label: name === 'detail' ? null : labelOf(name),
      value: textOf(name, value),
    }))
}

/** Returns the most informative detail for a line: a sentence, or what the event concerns. */
export const briefly = (details: readonly Detail[]): string | undefined =>
  [null, 'Changed', 'Protocol', 'Protocols']
    .map((wanted) => details.find(({ label }) => label === wanted)?.value)
    .find(Boolean)

/** `apply`: when a sign-in takes effect, which other events show. */
const SHOWN_ELSEWHERE = new Set(['username', 'mail_account', 'apply'])

function textOf(name: string, value: unknown): string {
  if (value === true) return 'yes'
  if (value === false) return 'no'
  const text = name === 'type' ? String(value).replaceAll('_', ' ') : String(value)
  if (TIME.test(text)) return exactly(text)
  return PROTOCOLS.has(name) ? text.split(' ').map(protocolName).join(' ') : text
}

const protocolName = (name: string): string => PROTOCOL_NAMES[name as Protocol] ?? name

const PROTOCOLS = new Set(['protocol', 'protocols', 'lost', 'regained'])

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** `signed_in_as` as a person would write it: "Signed in as". */
function labelOf(name: string): string {
  if (name === 'aadsts') return 'AADSTS'
  return capitalised(name.replaceAll('_', ' ').replace(/ id$/, ' ID'))
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isMailAccount = (value: unknown): value is string => isText(value) && value.startsWith('ma_')
