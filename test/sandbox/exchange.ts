/**
 * Exchange Online's own record of the app, apart from Entra: the tenants in which its service
 * principal is registered, and its mailbox permissions there. Also how many messages have arrived in each
 * inbox, and how logins and calls fail at the moment. Shared by all mail servers and by Graph.
 */

import type { GraphFault } from './graph/errors.ts'
import { appMailboxes, tenants } from './personas.ts'

export const MAIL_FAULTS = [
  /** Refuses the login for now, as Exchange limits clients. */
  'throttled',
  /** Ends the session instead of responding: BYE or 421. */
  'closing',
  /** Refuses the login and ends the session, both in one TCP segment. */
  'refused_and_closing',
  /** Breaks the connection without a response. */
  'dropped',
] as const
export type MailFault = (typeof MAIL_FAULTS)[number]

/** Roles of RBAC for Applications that let the app send as the mailboxes in the role's scope. */
export const SENDING_ROLES = ['Application SMTP.SendAsApp', 'Application Mail.Send'] as const
export type SendingRole = (typeof SENDING_ROLES)[number]

export type Exchange = ReturnType<typeof createExchange>

export function createExchange() {
  const permissions = new Map([[tenants.contoso.id as string, new Set<string>(appMailboxes)]])
  const registered = new Set<string>(permissions.keys())
  const sendingRoles = new Set<string>()
  const roleIn = (tenantId: string, mailbox: string, role: SendingRole) =>
    `${role} ${tenantId} ${mailbox.toLowerCase()}`
  const accessPolicies = new Map<string, readonly string[]>()
  const faults = new Map<string, MailFault>()
  const graphFaults = new Map<string, GraphFault>()
  const messages = new Map<string, number>()
  const switchedOff = new Set<string>()
  return {
    /** Lets all logins with this user name fail in this way; null ends it. */
    setMailFault(username: string, fault: MailFault | null): void {
      if (fault === null) faults.delete(username.toLowerCase())
      else faults.set(username.toLowerCase(), fault)
    },
    mailFault: (username: string): MailFault | null => faults.get(username.toLowerCase()) ?? null,
    /** Does what `Set-CASMailbox -ImapEnabled` and `-SmtpClientAuthenticationDisabled` do. */
    setProtocol(mailbox: string, protocol: 'imap' | 'smtp', enabled: boolean): void {
      const name = `${protocol} ${mailbox.toLowerCase()}`
      if (enabled) switchedOff.delete(name)
      else switchedOff.add(name)
    },
    isOff: (mailbox: string | null, protocol: 'imap' | 'smtp'): boolean =>
      switchedOff.has(`${protocol} ${mailbox?.toLowerCase()}`),
    /** Lets all calls of Graph for this mailbox fail in this way; null ends it. */
    setGraphFault(mailbox: string, fault: GraphFault | null): void {
      if (fault === null) graphFaults.delete(mailbox.toLowerCase())
      else graphFaults.set(mailbox.toLowerCase(), fault)
    },
    graphFault: (mailbox: string): GraphFault | null =>
      graphFaults.get(mailbox.toLowerCase()) ?? null,
    /** Puts a message into the inbox of the address, which keeps only their number. */
    deliver(address: string): void {
      messages.set(address.toLowerCase(), this.messagesIn(address) + 1)
    },
    messagesIn: (address: string): number => messages.get(address.toLowerCase()) ?? 0,
    /** Does what `New-ServicePrincipal` and `Remove-ServicePrincipal` do. */
    setServicePrincipal(tenantId: string, present: boolean): void {
      if (present) registered.add(tenantId)
      else registered.delete(tenantId)
    },
    /** Does what `Add-MailboxPermission` and `Remove-MailboxPermission` do. */
    setMailboxPermission(tenantId: string, mailbox: string, granted: boolean): void {
      const mailboxes = permissions.get(tenantId) ?? new Set()
      if (granted) mailboxes.add(mailbox.toLowerCase())
      else mailboxes.delete(mailbox.toLowerCase())
      permissions.set(tenantId, mailboxes)
    },
    /**
     * Does what `New-ManagementRoleAssignment -Role` with the mailbox in its scope and
     * `Remove-ManagementRoleAssignment` do.
     */
    setSendingRole(
      tenantId: string,
      mailbox: string,
      assigned: boolean,
      role: SendingRole = 'Application SMTP.SendAsApp',
    ): void {
      if (assigned) sendingRoles.add(roleIn(tenantId, mailbox, role))
      else sendingRoles.delete(roleIn(tenantId, mailbox, role))
    },
    /** Does what `New-ApplicationAccessPolicy` with a group of these mailboxes does; null removes the policy. */
    setAccessPolicy(tenantId: string, mailboxes: readonly string[] | null): void {
      if (mailboxes === null) accessPolicies.delete(tenantId)
      else accessPolicies.set(tenantId, mailboxes)
    },
    hasServicePrincipal: (tenantId: string) => registered.has(tenantId),
    mayOpenMailbox: (tenantId: string, mailbox: string) =>
      permissions.get(tenantId)?.has(mailbox.toLowerCase()) ?? false,
    maySendAs: (
      tenantId: string,
      mailbox: string,
      role: SendingRole = 'Application SMTP.SendAsApp',
    ) => sendingRoles.has(roleIn(tenantId, mailbox, role)),
    /** Returns false if an application access policy keeps the app out of the mailbox. */
    policyAdmits: (tenantId: string, mailbox: string) =>
      accessPolicies.get(tenantId)?.includes(mailbox.toLowerCase()) ?? true,
  }
}
