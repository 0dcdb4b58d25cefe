/**
 * The cast of the simulated world, as data. Each person has one story, and every simulated server plays it. Entra reads
 * how they sign in and refresh, IMAP and SMTP read what their mailbox does. A test picks a person, never a flag.
 */

export type Tenant = { id: string; domain: string; name: string }

/** Tenant of all personal accounts (Microsoft's constant). */
export const PERSONAL_TENANT_ID = '9188040d-6c67-4c5b-b112-36a304b66dad'

export const tenants = {
  contoso: { id: 'c0a70500-7e57-4a11-9d3c-5b1f2c64e801', domain: 'contoso.test', name: 'Contoso' },
  /** Another organisation, in which no one has consented to the app. */
  adatum: {
    id: 'ada70000-7e57-4a11-9d3c-5b1f2c64e802',
    domain: 'adatum.test',
    name: 'Adatum',
  },
  personal: { id: PERSONAL_TENANT_ID, domain: 'outlook.test', name: 'Microsoft account' },
} as const satisfies Record<string, Tenant>

export type Person = {
  /** Sign-in name (UPN), shown by `preferred_username` and the account picker. */
  username: string
  name: string
  /** One line, printed by the demo. */
  story: string
  accountType: 'work' | 'personal'
  tenantId: string
  oid: string
  /**
   * `needs_admin`: only an admin may consent, except to sending by Graph. `blocked`: Conditional Access.
   * `disabled`: no sign-in.
   */
  signIn: 'ok' | 'needs_admin' | 'blocked' | 'disabled'
  refresh: 'ok' | 'mfa_required' | 'inactive'
  /** Address of the person's own mailbox; null without one. */
  mailbox: string | null
  /** Other mailboxes that this person may open over IMAP (Full Access) and send from (Send As). */
  sharedMailboxes: readonly string[]
  imap: 'ok' | 'not_connected'
  smtp: 'ok' | 'disabled_for_tenant' | 'disabled_for_mailbox'
  /** True if the person may consent for the whole tenant. */
  admin: boolean
  /** App roles that are assigned to the person in the tenant. */
  roles: readonly string[]
}

type Draft = Pick<Person, 'username' | 'name' | 'story' | 'oid'> & Partial<Person>

const work = (draft: Draft): Person => ({
  accountType: 'work',
  tenantId: tenants.contoso.id,
  signIn: 'ok',
  refresh: 'ok',
  mailbox: draft.username,
  sharedMailboxes: [],
  imap: 'ok',
  smtp: 'ok',
  admin: false,
  roles: [],
  ...draft,
})

export const alice = work({
  username: 'alice@contoso.test',
  name: 'Alice Adams',
  story:
    'everything works; she may also use the shared mailbox support@contoso.test; Mailgrant.Operator in the console',
  oid: 'a11ce000-0000-4000-8000-000000000001',
  sharedMailboxes: ['support@contoso.test'],
  roles: ['Mailgrant.Operator'],
})

export const bob = work({
  username: 'bob@contoso.test',
  name: 'Bob Brown',
  story:
    'IMAP is switched off for his mailbox: "User is authenticated but not connected."; Mailgrant.Viewer in the console',
  oid: 'b0b00000-0000-4000-8000-000000000002',
  imap: 'not_connected',
  roles: ['Mailgrant.Viewer'],
})

export const carol = work({
  username: 'carol@contoso.test',
  name: 'Carol Clark',
  story: 'SMTP AUTH is disabled for the tenant: 535 5.7.139; Microsoft Graph sends for her',
  oid: 'ca401000-0000-4000-8000-000000000003',
  smtp: 'disabled_for_tenant',
})

export const dave = work({
  username: 'dave@contoso.test',
  name: 'Dave Davis',
  story:
    'only an admin may consent, except to sending by Graph: the sign-in stops on a page of Entra (AADSTS90094)',
  oid: 'dafe0000-0000-4000-8000-000000000004',
  signIn: 'needs_admin',
})

export const erin = work({
  username: 'erin@contoso.test',
  name: 'Erin Evans',
  story:
    'works at first; every refresh asks for MFA (AADSTS50076), and so does a sign-in without its claims',
  oid: 'e4100000-0000-4000-8000-000000000005',
  refresh: 'mfa_required',
})

export const frank = work({
  username: 'frank@contoso.test',
  name: 'Frank Foster',
  story: 'works at first; his refresh token has expired through inactivity (AADSTS700082)',
  oid: 'f4a0c000-0000-4000-8000-000000000006',
  refresh: 'inactive',
})

export const support = work({
  username: 'support@contoso.test',
  name: 'Contoso Support',
  story: 'a shared mailbox without a sign-in of its own; alice@contoso.test is its delegate',
  oid: '50004000-0000-4000-8000-000000000007',
  signIn: 'disabled',
})

export const grace: Person = {
  ...work({
    username: 'grace@outlook.test',
    name: 'Grace Green',
    story: 'a personal account (Outlook.com); everything works',
    oid: '00000000-0000-0000-6ace-000000000008',
  }),
  accountType: 'personal',
  tenantId: PERSONAL_TENANT_ID,
}

export const ivan: Person = {
  ...grace,
  username: 'ivan@outlook.test',
  name: 'Ivan Ivers',
  story: 'a new personal account: SMTP is disabled for the mailbox (535 5.7.139), only Graph sends',
  oid: '00000000-0000-0000-1fa4-00000000000c',
  mailbox: 'ivan@outlook.test',
  smtp: 'disabled_for_mailbox',
}

export const heidi = work({
  username: 'heidi.h@contoso.test',
  name: 'Heidi Hall',
  story: 'her mailbox is heidi@contoso.test, but she signs in as heidi.h@contoso.test',
  oid: '4e1d1000-0000-4000-8000-000000000009',
  mailbox: 'heidi@contoso.test',
})

export const mallory = work({
  username: 'mallory@contoso.test',
  name: 'Mallory Moore',
  story: 'blocked by Conditional Access: the sign-in ends on a page of Entra (AADSTS53003)',
  oid: '3a110000-0000-4000-8000-00000000000a',
  signIn: 'blocked',
})

export const admin = work({
  username: 'admin@contoso.test',
  name: 'Ada Admin',
  story:
    'may consent for all of contoso.test on the admin-consent page; Mailgrant.Admin in the console; has no mailbox',
  oid: 'ad310000-0000-4000-8000-00000000000b',
  mailbox: null,
  admin: true,
  roles: ['Mailgrant.Admin'],
})

export const cast: readonly Person[] = [
  alice,
  bob,
  carol,
  dave,
  erin,
  frank,
  support,
  grace,
  ivan,
  heidi,
  mallory,
  admin,
]

/** The one account that has a password and no OAuth, for AUTH PLAIN, LOGIN and the like. */
export const passwordAccount = {
  username: 'printer@contoso.test',
  password: 'correct-horse-battery-9150',
} as const

export type AppRegistration = {
  clientId: string
  name: string
  homeTenantId: string
  /** `expiresAt`: RFC 3339; null for a secret that expires in no test. */
  secrets: readonly { value: string; expiresAt: string | null }[]
  redirectUris: readonly string[]
  /** Declared delegated permissions; other scopes are refused. */
  permissions: readonly string[]
  /** Declared delegated permissions that Graph alone serves. */
  graphPermissions: readonly string[]
  /** Declared application permissions on Exchange Online, for app-only access. */
  appPermissions: readonly string[]
  /** Declared application permissions on Graph. */
  graphAppPermissions: readonly string[]
}

/** Client secrets in the format of Entra: 40 characters, including `~` and dots. None of them is real. */
export const secrets = {
  current: 'Qx78Q~sandbox.Contoso-mailgrant.Value001',
  next: 'Rt93Q~sandbox.Contoso-mailgrant.Value002',
  expired: 'Wd41Q~sandbox.Contoso-mailgrant.Expired1',
  /** Secret ID, which people paste by mistake instead of the value. */
  currentId: '5ec4e71d-0000-4000-8000-000000000001',
} as const

export const app: AppRegistration = {
  clientId: 'f0cacc1a-0000-4000-8000-0000c1e47a99',
  name: 'Contoso Help Desk',
  homeTenantId: tenants.contoso.id,
  secrets: [
    { value: secrets.current, expiresAt: null },
    { value: secrets.next, expiresAt: null },
    { value: secrets.expired, expiresAt: '2024-01-01T00:00:00Z' },
  ],
  redirectUris: [
    'http://localhost:8787/oauth/microsoft/callback',
    'http://localhost:8787/oauth/microsoft/admin-consent',
    'http://localhost:8787/console/callback',
  ],
  permissions: [
    'IMAP.AccessAsUser.All',
    'SMTP.Send',
    'offline_access',
    'openid',
    'profile',
    'email',
  ],
  graphPermissions: ['Mail.Send', 'Mail.Send.Shared'],
  appPermissions: ['IMAP.AccessAsApp', 'SMTP.SendAsApp'],
  graphAppPermissions: ['Mail.Send'],
}

/**
 * Mailboxes that Exchange lets the app open without a person. Bob's is not among them, since no admin has granted it.
 */
export const appMailboxes = [support.username, alice.username] as const

/** Finds a person by sign-in name, ignoring case as Entra and Exchange do. */
export const findPerson = (people: readonly Person[], username: string): Person | undefined =>
  people.find((person) => person.username.toLowerCase() === username.trim().toLowerCase())
