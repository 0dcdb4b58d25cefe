/**
 * What Exchange Online itself knows of the app, apart from Entra: whether its service principal is
 * registered in a tenant, and which mailboxes it was given there. One book for all mail servers.
 */
import { appMailboxes, tenants } from './cast.ts'

export type Exchange = ReturnType<typeof createExchange>

export function createExchange() {
  const given = new Map([[tenants.contoso.id as string, new Set<string>(appMailboxes)]])
  const registered = new Set<string>(given.keys())
  return {
    /** `New-ServicePrincipal` and `Remove-ServicePrincipal`. */
    register(tenantId: string, there: boolean): void {
      if (there) registered.add(tenantId)
      else registered.delete(tenantId)
    },
    /** `Add-MailboxPermission` and `Remove-MailboxPermission`. */
    give(tenantId: string, mailbox: string, granted: boolean): void {
      const mailboxes = given.get(tenantId) ?? new Set()
      if (granted) mailboxes.add(mailbox.toLowerCase())
      else mailboxes.delete(mailbox.toLowerCase())
      given.set(tenantId, mailboxes)
    },
    knowsApp: (tenantId: string) => registered.has(tenantId),
    mayOpen: (tenantId: string, mailbox: string) =>
      given.get(tenantId)?.has(mailbox.toLowerCase()) ?? false,
  }
}
