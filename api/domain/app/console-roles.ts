/** The app roles that Mailgrant knows, weakest first: what the setup registers at Entra and a sign-in reads. */
import type { ConsoleRole } from '../../../schema/console-session.ts'

export type AppRole = {
  /** Unique within an app registration. All deployments use the same, so that a second setup finds the role. */
  id: string
  /** Value in the claim `roles` of an id_token. */
  value: string
  name: string
  description: string
  allows: ConsoleRole
}

export const APP_ROLES: readonly AppRole[] = [
  {
    id: '6d1c6f0e-52a4-4b0e-9b8e-0a6f6c1f1a01',
    value: 'Mailgrant.Viewer',
    name: 'Mailgrant viewer',
    description: 'Sees mailboxes and their state in the Mailgrant console',
    allows: 'read',
  },
  {
    id: '6d1c6f0e-52a4-4b0e-9b8e-0a6f6c1f1a02',
    value: 'Mailgrant.Operator',
    name: 'Mailgrant operator',
    description: 'Connects and changes mailboxes in the Mailgrant console',
    allows: 'write',
  },
  {
    id: '6d1c6f0e-52a4-4b0e-9b8e-0a6f6c1f1a03',
    value: 'Mailgrant.Admin',
    name: 'Mailgrant administrator',
    description: 'Does everything in the Mailgrant console except fetching access tokens',
    allows: 'admin',
  },
]

/** Returns what the strongest of these roles allows; null if Mailgrant knows none of them. */
export const strongestRole = (values: readonly string[]): ConsoleRole | null =>
  APP_ROLES.findLast(({ value }) => values.includes(value))?.allows ?? null

/** Returns this role and the weaker ones; none for a person without a role. */
export const rolesUpTo = (role: ConsoleRole | null): ConsoleRole[] => {
  const roles = APP_ROLES.map(({ allows }) => allows)
  return role === null ? [] : roles.slice(0, roles.indexOf(role) + 1)
}
