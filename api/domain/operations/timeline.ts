/** The timeline of an email account: its events and checks, put together into entries for people. Pure. */
import type { Actor } from '../../../schema/event.ts'
import type { HistoryEntry } from '../../../schema/history.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'
import { PROTOCOL_NAMES, type Resource, resourceOf } from '../../../schema/protocols.ts'
import type { Check, TimelineEvent } from '../../model/event.ts'
import type { MailAccountRecord } from '../../model/mail-account.ts'

/** More would hide what matters. The audit events have everything. */
const MOST_ENTRIES = 50

type TimelineAccount = Pick<MailAccountRecord, 'id' | 'protocol' | 'grantId' | 'tenant'>

type TimelineOptions = {
  from: Date
  /** True to show no API keys, of which a restricted key must not learn. */
  anonymous: boolean
  /** Causes of failed checks by their time in milliseconds, where they are known. */
  causes: ReadonlyMap<number, string>
}

type Entry = Pick<HistoryEntry, 'type' | 'text'> & {
  at: Date
  ended: { at: Date; text: string } | null
  since: Date | null
}

/** A series of checks with the same result. */
type CheckRun = { outcome: 'passed' | 'failed'; first: Date; last: Date; count: number }

/** Groups consecutive checks with the same result. Checks without a result do not interrupt a group. */
export function groupChecks(checks: readonly Check[]): CheckRun[] {
  const runs: CheckRun[] = []
  for (const { at, outcome } of checks) {
    if (outcome === 'inconclusive') continue
    const last = runs.at(-1)
    if (last?.outcome === outcome) Object.assign(last, { last: at, count: last.count + 1 })
    else runs.push({ outcome, first: at, last: at, count: 1 })
  }
  return runs
}

/** Returns the entries, newest first. `events`: newest first. */
export function buildTimeline(
  account: TimelineAccount,
  events: readonly TimelineEvent[],
  runs: readonly CheckRun[],
  options: TimelineOptions,
): HistoryEntry[] {
  const entries = [
    ...runs.map((run) => checkEntry(run, options.causes)),
    ...eventEntries(account, events.toReversed(), options),
  ]
  return entries
    .toSorted((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, MOST_ENTRIES)
    .map(({ at, type, text, ended, since }) => ({
      at: at.toISOString(),
      type,
      text,
      ended: ended && { ...ended, at: ended.at.toISOString() },
      since: since?.toISOString() ?? null,
    }))
}

function checkEntry(
  { outcome, first, last, count }: CheckRun,
  causes: TimelineOptions['causes'],
): Entry {
  const cause = causes.get(first.getTime())
  const worked = outcome === 'passed'
  const verb = worked ? 'worked' : 'failed'
  const result = count === 1 ? `Login ${verb}` : `${count} logins ${verb}`
  return {
    at: last,
    type: worked ? 'login_worked' : 'login_failed',
    text: cause === undefined ? result : `${result}: ${cause}`,
    ended: null,
    since: count === 1 ? null : first,
  }
}

/** The sign-in or tenant that the account uses. */
type Link = { grant: unknown; tenant: unknown }

/** Turns events, oldest first, into entries. An interruption and its end are one entry. */
function eventEntries(
  account: TimelineAccount,
  events: readonly TimelineEvent[],
  { from, anonymous }: TimelineOptions,
): Entry[] {
  const entries: Entry[] = []
  let open: Entry | null = null
  let link = firstLink(account, events)
  const begin = (event: TimelineEvent, type: Entry['type'], text: string): Entry => {
    // The interruption was the beginning of this failure.
    if (open?.type === 'interrupted' && type !== 'interrupted')
      entries.splice(entries.indexOf(open), 1)
    const entry = { at: event.at, type, text, ended: null, since: null }
    entries.push(entry)
    return entry
  }
  const end = (event: TimelineEvent, text: string, whole: string): null => {
    if (open) open.ended = { at: event.at, text }
    else begin(event, 'reconnected', whole)
    return null
  }

  for (const event of events) {
    const { type, data, subject } = event
    const by = actorOf(event, anonymous)
    if (isSave(account, event)) {
      const changed = words(data.changed)
      const reconnected = changed.includes('grantId') && typeof data.grant === 'string'
      link = linkOf(data)
      if (event.at < from) continue
      if (type === 'mail_account.created') begin(event, 'created', `Created by ${by}`)
      else if (reconnected && open) {
        open = end(event, `${by} connected it with a new sign-in`, '')
      } else if (reconnected || (changed.length > 0 && !changed.includes('protocol'))) {
        // A change of the protocol has another event.
        begin(
          event,
          'changed',
          `${reconnected ? 'Connected with a new sign-in' : 'Changed'} by ${by}`,
        )
      }
      continue
    }
    if (event.at < from || subject === null) continue
    if (type === 'mail_account.protocol_changed') {
      begin(event, 'changed', `Changed from ${nameIn(data.from)} to ${nameIn(data.to)} by ${by}`)
      continue
    }
    const isOurs = data.flow === 'app_only' ? subject === link.tenant : subject === link.grant
    if (!isOurs || ![undefined, resourceOf(account.protocol)].includes(resourceNamed(data)))
      continue
    switch (type) {
      case 'grant.reconnect_required':
        open = begin(event, 'sign_in_required', `Sign-in required: ${summaryOf(event)}`)
        break
      case 'grant.blocked':
        open = begin(event, 'blocked', `An administrator must act: ${summaryOf(event)}`)
        break
      case 'grant.cooling_down':
        open = begin(event, 'interrupted', `No access token from Microsoft: ${summaryOf(event)}`)
        break
      case 'grant.recovered': {
        const { requester } = event
        const who = requester && nameOf(requester, requester.name, anonymous)
        open = who
          ? end(event, `${who} reconnected it`, `Reconnected by ${who}`)
          : end(event, 'it worked again', 'Microsoft issued an access token again')
        break
      }
      case 'grant.deleted':
        if (Number(data.detached) > 0)
          open = begin(event, 'sign_in_required', `Sign-in required: ${by} deleted the sign-in`)
        break
      case 'grant.protocols_changed': {
        const name = PROTOCOL_NAMES[account.protocol]
        if (words(data.lost).includes(account.protocol))
          open = begin(event, 'blocked', `Microsoft no longer grants ${name}`)
        else if (words(data.regained).includes(account.protocol))
          open = end(event, 'Microsoft granted it again', `Microsoft granted ${name} again`)
        break
      }
    }
  }
  return entries
}

/** Returns the resource that the event is about; undefined if it concerns all. */
const resourceNamed = ({ flow, resource }: TimelineEvent['data']) =>
  flow === 'app_only' ? ((resource ?? 'outlook') as Resource) : (resource as Resource | undefined)

const nameIn = (protocol: unknown): string => PROTOCOL_NAMES[protocol as Protocol]

const words = (value: unknown) => (typeof value === 'string' ? value.split(' ') : [])

const linkOf = ({ grant = null, tenant = null }: TimelineEvent['data']): Link => ({ grant, tenant })

const isSave = ({ id }: TimelineAccount, { subject, type }: TimelineEvent) =>
  subject === id && (type === 'mail_account.created' || type === 'mail_account.updated')

/**
 * Returns the grant or tenant before the first stored save of the account. Without a save it is the current one. A save
 * shows it unless it changed it or created the account; both are then null.
 */
function firstLink(account: TimelineAccount, events: readonly TimelineEvent[]): Link {
  const first = events.find((event) => isSave(account, event))
  if (!first) return { grant: account.grantId, tenant: account.tenant }
  const changed = words(first.data.changed)
  const isSame =
    first.type === 'mail_account.updated' &&
    !changed.includes('grantId') &&
    !changed.includes('tenant')
  return isSame ? linkOf(first.data) : { grant: null, tenant: null }
}

/** Returns what happened from a stored detail, "what happened: what to do (AADSTS number).", without the advice. */
function summaryOf({ data: { detail } }: TimelineEvent): string {
  const text = String(detail ?? 'no reason given').replace(/\.$/, '')
  const number = /\(AADSTS\d+\)/.exec(text)?.[0]
  const summary = text.split(': ')[0] ?? text
  return number && !summary.includes(number) ? `${summary} ${number}` : summary
}

function actorOf({ actor, keyName }: TimelineEvent, anonymous: boolean): string {
  if (actor.type === 'system') return 'Mailgrant'
  if (actor.type === 'browser') return 'the person who signed in'
  return nameOf(actor, actor.name ?? keyName, anonymous)
}

/** Returns the name of a key or a person, or with `anonymous` only the kind. */
function nameOf(
  { type, id }: Pick<Actor, 'type' | 'id'>,
  name: string | null,
  anonymous: boolean,
): string {
  if (type === 'person') return anonymous || name === null ? 'a person in the console' : name
  if (anonymous) return 'an API key'
  if (id === 'root') return 'the root key'
  return name === null ? 'an API key' : `the API key "${name}"`
}
