/** A statement about Microsoft, with how far it can be trusted and how it can be checked. */

type Standing =
  /** Stated in Microsoft's documentation. */
  | 'documented'
  /** Observed and published by others. */
  | 'reported by others'
  /** Concluded from the source, which does not state it. */
  | 'believed'
  /** Observed at Microsoft, with the acceptance kit. */
  | 'verified'

export type Source = {
  standing: Standing
  url: string
  /** Date of the source, or the day on which it was read if it has none. ISO 8601, possibly without the day. */
  date: string
  /** File in `transcripts/` that shows it, for what is verified. */
  transcript?: string
}

export type Check =
  /** The kit checks it without help, once the accounts have signed in. */
  | 'automatic'
  /** A person must press or read something on one of Microsoft's pages. */
  | 'needs a person'
  /** An administrator must change something in the tenant. */
  | 'needs an admin'
  /** It takes days, or a fault at Microsoft that no one can cause. */
  | 'needs waiting'

export type Assumption = {
  statement: string
  source: Source
  check: Check
  /** The file that depends on it most, and a text in it that would have to change. */
  file: string
  code: string
}

export type Assumptions = Readonly<Record<string, Assumption>>

/** Day on which the pages without a date were read. */
export const READ = '2026-11-29'

export const from =
  (standing: Standing) =>
  (url: string, date: string = READ): Source => ({ standing, url, date })

const page =
  (standing: Standing) =>
  (path: string, date: string = READ): Source =>
    from(standing)(`https://learn.microsoft.com/en-us/${path}`, date)

/** Take the path of a page of Microsoft's documentation. */
export const documented = page('documented')
export const concluded = page('believed')

export const reported = from('reported by others')
export const believed = from('believed')

/** Measurements of a private person with one tenant and a few mailboxes. */
export const notes = reported(
  'https://github.com/SheikhFahan/notes/tree/main/skills/email-provider-auth',
  '2026-09-19',
)

/** Files that many statements are about. */
export const files = {
  numbers: 'api/diagnosis/catalogue/numbers.ts',
  scopes: 'api/entra/scopes.ts',
  token: 'api/entra/token.ts',
  authority: 'api/entra/authority.ts',
  authorize: 'api/entra/authorize.ts',
  idToken: 'api/entra/id-token.ts',
  clouds: 'api/entra/clouds.ts',
  clientAuth: 'api/entra/client-auth.ts',
  adminConsent: 'api/entra/admin-consent.ts',
  graphClient: 'api/graph/client.ts',
  graphHosts: 'api/graph/hosts.ts',
  graphReports: 'api/domain/checks/graph-reports.ts',
  graphAccess: 'api/diagnosis/catalogue/graph/access.ts',
  delegated: 'api/domain/tokens/delegated.ts',
  imap: 'checker/imap.ts',
  smtp: 'checker/smtp.ts',
  verdict: 'checker/verdict.ts',
  servers: 'schema/mail-servers.ts',
  sending: 'api/diagnosis/catalogue/mail/sending.ts',
  mailbox: 'api/diagnosis/catalogue/mail/mailbox.ts',
  appOnly: 'api/diagnosis/catalogue/mail/app-only.ts',
  identity: 'api/diagnosis/catalogue/mail/identity.ts',
} as const
