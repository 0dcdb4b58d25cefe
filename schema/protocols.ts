/** Facts that follow from the protocol of an email account. Without zod, since the console bundles it. */
import type { MailProtocol, Protocol, Resource } from './mail-servers.ts'

export type { Resource } from './mail-servers.ts'

const RESOURCES: Record<Protocol, Resource> = {
  imap: 'outlook',
  smtp: 'outlook',
  graph_send: 'graph',
}
export const resourceOf = (protocol: Protocol): Resource => RESOURCES[protocol]

/** Purpose of an account, on which owners and lists of the console depend. */
export type Direction = 'read' | 'send'

const DIRECTIONS: Record<Protocol, Direction> = { imap: 'read', smtp: 'send', graph_send: 'send' }
export const directionOf = (protocol: Protocol): Direction => DIRECTIONS[protocol]

/** Returns true for a protocol of mail servers, whose server a person can choose. */
export const isMailProtocol = (protocol: Protocol): protocol is MailProtocol =>
  resourceOf(protocol) === 'outlook'

/** Names as people know them. */
export const PROTOCOL_NAMES: Record<Protocol, string> = {
  imap: 'IMAP',
  smtp: 'SMTP',
  graph_send: 'Microsoft Graph',
}
