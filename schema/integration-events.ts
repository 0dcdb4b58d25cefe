/**
 * The events of the Microsoft integration, a row for each with its texts. Separate from `events.ts`, so that the first
 * page of the console bundles only these.
 */
import type { Responsible } from './responsible.ts'

/** Members of a change of state that webhooks and alert channels are notified of. */
export type Notification = {
  /** A sentence on its meaning, or on when it is sent. */
  help: string
  kind: 'problem' | 'recovery'
  /** Sentence for alerts, without a full stop. Default: the title. */
  alert?: string
  /** Party that acts on a problem if its cause is unknown. */
  who?: Responsible
  /** True if no mailbox gets a new access token until the problem is over. */
  stopsTokens?: true
  /** Alert channels get it only if they ask for it, since nothing has to be done. */
  forPrograms?: true
}

/** `title`: the event in a sentence. */
export type EventRow = { title: string } & (
  | Notification
  | { [Member in keyof Notification]?: never }
)

export const integrationEvents = {
  'integration.secret_expiring': {
    title: 'The client secret or certificate expires soon',
    help: '30 days, 7 days and one day before. Later if its lifetime is short.',
    kind: 'problem',
    who: 'operator',
  },
  'integration.secret_expired': {
    title: 'The client secret or certificate has expired',
    help: 'No mailbox gets a new access token until it is replaced.',
    kind: 'problem',
    who: 'operator',
    stopsTokens: true,
  },
  'integration.credential_rejected': {
    title: 'Microsoft rejects the client ID or the credential',
    help: 'The credential is wrong, was deleted, or is not entered at Entra.',
    kind: 'problem',
    who: 'operator',
    stopsTokens: true,
  },
  'integration.issuer_unreachable': {
    title: "Microsoft can't read Mailgrant's keys",
    help: "Only with a federated credential: PUBLIC_URL can't be reached from the internet.",
    kind: 'problem',
    who: 'operator',
    stopsTokens: true,
  },
  'integration.credential_accepted': {
    title: 'Microsoft accepts the credential again',
    help: 'After it was rejected or Microsoft could not read the keys. A new credential is not reported.',
    kind: 'recovery',
  },
  'integration.microsoft_unreachable': {
    title: "Microsoft can't be reached from Mailgrant's server",
    help: 'No request has had a response from Microsoft for 15 minutes: a firewall, a proxy or a certificate, most often.',
    kind: 'problem',
    who: 'operator',
    stopsTokens: true,
  },
  'integration.microsoft_reachable': {
    title: 'Microsoft can be reached again',
    help: 'After it could not be reached for 15 minutes.',
    kind: 'recovery',
  },
  'integration.activated': { title: 'Integration activated' },
  'integration.deactivated': { title: 'Integration deactivated' },
  'integration.settings_changed': { title: 'Settings changed' },
  'integration.next_credential_set': { title: 'Next credential stored' },
  'integration.next_credential_removed': { title: 'Next credential removed' },
  'integration.credential_promoted': { title: 'Next credential promoted' },
  'integration.promotion_undone': { title: 'Promotion undone' },
} as const satisfies Record<string, EventRow>
