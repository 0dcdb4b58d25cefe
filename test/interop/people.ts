/** People with an account and a mailbox in these tests. */

/** Tenant of the strict server. */
export const TENANT = '5d1f9c3e-0b7a-4e62-9a41-7c2e8f6b3d10'

export const DOMAIN = 'fabrikam.test'

export type Account = {
  username: string
  name: string
  /** Object id at Entra: the identity, independent of the name. */
  oid: string
}

export const olga = {
  username: `olga@${DOMAIN}`,
  name: 'Olga Olsen',
  oid: '01ca0000-0000-4000-8000-000000000001',
} as const satisfies Account

export const pavel = {
  username: `pavel@${DOMAIN}`,
  name: 'Pavel Popov',
  oid: '9a7e1000-0000-4000-8000-000000000002',
} as const satisfies Account

export const accounts: readonly Account[] = [olga, pavel]
