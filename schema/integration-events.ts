/**
 * The events of the Microsoft integration, a row for each with its texts. In their own file, for the first page of the
 * console.
 */
import type { Responsible } from './responsible.ts'

/** A change of state that webhooks and alert channels are notified of. */
export type Notification = {
  /** A sentence on its meaning, or on when it is sent. */
  help: string
  kind: 'problem' | 'recovery'
  /** Sentence for alerts, without a full stop. Default: the title. */
  alert?: string
  /** Party that acts on a problem if no cause names another. */
  who?: Responsible
  /** True if no mailbox gets a new access token until the problem is over. */
  stopsTokens?: true
  /** Alert channels get it only if they ask for it, since nothing has to be done. */
  forPrograms?: true
}

export type EventRow = {
  /** True for events of the deployment alone. Others are those of the customer of what they are about. */
  ofDeployment?: true
  /** The event in a sentence. */
  title: string
  notification?: Notification
}

export const integrationEvents = {
  'integration.secret_expiring': {
    ofDeployment: true,
    title: 'The client secret or certificate expires soon',
    notification: {
      help: '30 days, 7 days and one day before. Later if its lifetime is short.',
      kind: 'problem',
      who: 'operator',
    },
  },
  'integration.secret_expired': {
    ofDeployment: true,
    title: 'The client secret or certificate has expired',
    notification: {
      help: 'No mailbox gets a new access token until it is replaced.',
      kind: 'problem',
      who: 'operator',
      stopsTokens: true,
    },
  },
  'integration.credential_rejected': {
    ofDeployment: true,
    title: 'Microsoft rejects the client ID or the credential',
    notification: {
      help: 'The credential is wrong, was deleted, or is not entered at Entra.',
      kind: 'problem',
      who: 'operator',
      stopsTokens: true,
    },
  },
  'integration.issuer_unreachable': {
    ofDeployment: true,
    title: "Microsoft can't read Mailgrant's keys",
    notification: {
      help: "Only with a federated credential: PUBLIC_URL can't be reached from the internet.",
      kind: 'problem',
      who: 'operator',
      stopsTokens: true,
    },
  },
  'integration.credential_accepted': {
    ofDeployment: true,
    title: 'Microsoft accepts the credential again',
    notification: {
      help: 'After it was rejected or Microsoft could not read the keys. A new credential is not reported.',
      kind: 'recovery',
    },
  },
  'integration.app_refused': {
    ofDeployment: true,
    title: 'Microsoft refuses the app',
    notification: {
      help: 'Several mailboxes are refused for the same reason, such as an app that was deleted or disabled.',
      kind: 'problem',
      who: 'app_owner',
      stopsTokens: true,
    },
  },
  'integration.app_accepted': {
    ofDeployment: true,
    title: 'Microsoft accepts the app again',
    notification: {
      help: 'After it was refused. New settings are not reported.',
      kind: 'recovery',
    },
  },
  'integration.permissions_beyond_mail': {
    ofDeployment: true,
    title: "Microsoft's access tokens permit more than mail",
    notification: {
      help: 'The app registration has other permissions as well, such as for calendars, so it serves something else too.',
      kind: 'problem',
      who: 'app_owner',
    },
  },
  'integration.permissions_for_mail': {
    ofDeployment: true,
    title: "Microsoft's access tokens permit nothing but mail again",
    notification: {
      help: 'After they permitted more.',
      kind: 'recovery',
    },
  },
  'integration.microsoft_unreachable': {
    ofDeployment: true,
    title: "Microsoft can't be reached from Mailgrant's server",
    notification: {
      help: 'No request has had a response from Microsoft for 15 minutes: a firewall, a proxy or a certificate, most often.',
      kind: 'problem',
      who: 'operator',
      stopsTokens: true,
    },
  },
  'integration.microsoft_reachable': {
    ofDeployment: true,
    title: 'Microsoft can be reached again',
    notification: {
      help: 'After it could not be reached for 15 minutes.',
      kind: 'recovery',
    },
  },
  'integration.graph_probe_accepted': {
    ofDeployment: true,
    title: 'Microsoft Graph accepted a test of the permission to send: no more are made',
  },
  'integration.activated': { ofDeployment: true, title: 'Integration activated' },
  'integration.deactivated': { ofDeployment: true, title: 'Integration deactivated' },
  'integration.settings_changed': { ofDeployment: true, title: 'Settings changed' },
  'integration.next_credential_set': { ofDeployment: true, title: 'Next credential stored' },
  'integration.next_credential_removed': { ofDeployment: true, title: 'Next credential removed' },
  'integration.credential_promoted': { ofDeployment: true, title: 'Next credential promoted' },
  'integration.promotion_undone': { ofDeployment: true, title: 'Promotion undone' },
} as const satisfies Record<string, EventRow>
