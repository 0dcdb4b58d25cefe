/** API keys in plain words. Pure. */
import type { ApiKey } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { isImplied } from '../../rights.ts'
import { accountName, useOf } from '../../ui/mail-account.ts'
import { capitalised } from '../../ui/phrase.ts'

type Scope = ApiKey['scopes'][number]

/** Labels for each scope, from the narrowest to the widest. */
export const scopes: Record<Scope, { label: string; help: string }> = {
  tokens: {
    label: 'Fetch access tokens',
    help: 'For mail programs. A token for reading can also send if the sign-in covers both.',
  },
  read: {
    label: 'Read',
    help: 'Email accounts, health, validations and sign-ins. Never tokens or passwords.',
  },
  write: {
    label: 'Manage email accounts',
    help: 'Create, change and validate email accounts, and start sign-ins. Includes "Read".',
  },
  admin: {
    label: 'Full access',
    help: 'Everything in this console.',
  },
}

/** "Fetch access tokens, read" */
export function scopeLabel(granted: readonly Scope[]): string {
  const listed = (Object.keys(scopes) as Scope[]).filter(
    (scope) => granted.includes(scope) && !isImplied(scope, granted),
  )
  return capitalised(listed.map((scope) => scopes[scope].label.toLowerCase()).join(', '))
}

/** Distinguishes two accounts of one mailbox: "alice@contoso.com, reading mail". */
export const accountLabel = (account: MailAccount) =>
  `${accountName(account)}, ${useOf(account.protocol)}`

export const keyPrefix = (id: string) => `mg_${id.slice(0, 14)}…`

/** Returns the last second of a day in the browser's time zone. */
export const endOfDay = (date: string) => new Date(`${date}T23:59:59`).toISOString()

/** Returns the day of a time in the browser's time zone, in the format of a date field. */
export function dateValue(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

export const today = (now = new Date()): string => dateValue(now)

export const inOneYear = (now = new Date()): string =>
  dateValue(new Date(now.getFullYear() + 1, now.getMonth(), now.getDate()))
