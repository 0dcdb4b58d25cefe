/**
 * Exchange Online's own record of the app, apart from Entra: the tenants in which its service
 * principal is registered, and its mailbox permissions there. Shared by all mail servers.
 */
import { appMailboxes, tenants } from './cast.ts'

export type Exchange = ReturnType<typeof createExchange>

export function createExchange() {
  const permissions = new Map([[tenants.contoso.id as string, new Set<string>(appMailboxes)]])
  const registered = new Set<string>(permissions.keys())
  return {
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
    hasServicePrincipal: (tenantId: string) => registered.has(tenantId),
    mayOpenMailbox: (tenantId: string, mailbox: string) =>
      permissions.get(tenantId)?.has(mailbox.toLowerCase()) ?? false,
  }
}
