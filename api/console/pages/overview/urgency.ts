/** Lines of the inbox: which mailboxes need attention, in which order, and the next step of each. Pure. */
import type { Health, MailAccount, MailAccountSummary } from '../../../../schema/mail-account.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import type { StateProblem } from '../../../../schema/problem.ts'
import { type Responsible, whoActs } from '../../../../schema/responsible.ts'
import { unknownCause } from '../../ui/admin-message.ts'
import { count } from '../../ui/phrase.ts'

type Known = Pick<
  MailAccount,
  'username' | 'delegate' | 'protocol' | 'authentication' | 'health' | 'problem' | 'grant'
>

/** Healths that wait for a person, the most urgent first. */
export const NEEDS_ATTENTION = ['reconnect_required', 'blocked', 'failing'] as const

/** Returns the number of mailboxes that need attention. */
export const neededOf = ({ mailboxes }: Pick<MailAccountSummary, 'mailboxes'>) =>
  NEEDS_ATTENTION.reduce((sum, each) => sum + mailboxes.health[each], 0)

export const attentionLabel = (mailboxes: number) =>
  `${count(mailboxes, 'mailbox needs', 'mailboxes need')} attention.`

const rankOf = ({ health }: Pick<Known, 'health'>) =>
  (NEEDS_ATTENTION as readonly Health[]).indexOf(health)

/** Returns an unambiguous name of the mailbox, since several customers may have the same one. */
export const mailboxOf = ({ username, customer }: Pick<MailAccount, 'username' | 'customer'>) =>
  username.toLowerCase() + (customer === null ? '' : `, customer ${customer}`)

/** A mailbox that needs attention, with its accounts that do not work: the most urgent first. */
export type Line = { mailbox: string; accounts: [MailAccount, ...MailAccount[]] }

/** Returns a line for each mailbox that needs attention: the most urgent first, then the longest. */
export function linesOf(accounts: readonly MailAccount[]): Line[] {
  const lines = new Map<string, Line>()
  for (const account of accounts.filter((each) => rankOf(each) >= 0).sort(byUrgency)) {
    const mailbox = mailboxOf(account)
    const line = lines.get(mailbox)
    if (line) line.accounts.push(account)
    else lines.set(mailbox, { mailbox, accounts: [account] })
  }
  return [...lines.values()]
}

const byUrgency = (a: Known, b: Known) =>
  rankOf(a) - rankOf(b) || sinceOf(a) - sinceOf(b) || a.username.localeCompare(b.username, 'en')

const sinceOf = ({ problem }: Known) => (problem?.since ? Date.parse(problem.since) : 0)

/** Returns the first cause of a diagnosis that is certain or likely; undefined for any other, or without one. */
export const causeOf = ({ diagnosis }: StateProblem) =>
  diagnosis?.verdict === 'certain' || diagnosis?.verdict === 'likely'
    ? diagnosis.candidates[0]
    : undefined

/**
 * Returns the cause for a message to an administrator: the known one, else the likeliest, else for a blocked account
 * that Microsoft gave none. Undefined for any other.
 */
export function reportedCauseOf({ health }: Pick<Known, 'health'>, problem: StateProblem) {
  const known = causeOf(problem)
  if (known) return { cause: known, isPossible: false }
  const [possible] = problem.diagnosis?.candidates ?? []
  if (possible) return { cause: possible, isPossible: true }
  return health === 'blocked' ? { cause: unknownCause, isPossible: false } : undefined
}

type Cause = { account: MailAccount; problem: StateProblem }

/** Returns the problems of the accounts, each cause once. */
export function causesOf(accounts: readonly MailAccount[]): Cause[] {
  const causes = new Map<string, Cause>()
  for (const account of accounts) {
    const { problem } = account
    if (problem && !causes.has(causeLabel(problem))) {
      causes.set(causeLabel(problem), { account, problem })
    }
  }
  return [...causes.values()]
}

/** Returns the label of the cause: its title, or a sentence about what happened if it is unknown. */
export const causeLabel = (problem: StateProblem): string =>
  causeOf(problem)?.title ?? problem.detail.replace(/\. [A-Z].*/s, '.')

const responsibleByHealth: Partial<Record<Health, Responsible>> = {
  reconnect_required: 'user',
  blocked: 'tenant_admin',
}

/** Returns who must act, or null where that is not known. A person is shown as the address that signs in. */
export function actorOf(account: Known, problem: StateProblem): string | null {
  const responsible = causeOf(problem)?.responsible ?? responsibleByHealth[account.health]
  if (responsible === undefined) return null
  return responsible === 'user' ? signsInAs(account) : whoActs[responsible]
}

/** Returns the address that signs in for the mailbox. */
export const signsInAs = ({ grant, delegate, username }: Known): string =>
  grant?.signed_in_as ?? delegate ?? username

/** Next step of a line. `open`: the page of the account. */
export type Step = 'reconnect' | 'validate' | 'consent' | 'settings' | 'open'

const CONSENT_CAUSES = ['admin-consent-required', 'app-only-not-consented']

/**
 * Returns the step that comes next. `isLinkMade`: the administrator has a link, so that what follows the consent is
 * next. After any repair by an administrator, the next step is a validation.
 */
export function stepOf(
  { authentication, health }: Known,
  problem: StateProblem,
  isLinkMade = false,
): Step {
  const { cause, responsible } = causeOf(problem) ?? {}
  const isDelegated = authentication.type === 'oauth' && authentication.flow === 'delegated'
  const needsConsent =
    problem.code === 'protocol_not_granted' || (cause && CONSENT_CAUSES.includes(cause))
  if (needsConsent && !isLinkMade) return 'consent'
  if (responsible === 'app_owner' || problem.code === 'credential_rejected') return 'settings'
  if (health === 'reconnect_required') return isDelegated ? 'reconnect' : 'open'
  return responsible === 'user' && authentication.type === 'password' ? 'open' : 'validate'
}

export const protocolsOf = (accounts: readonly Pick<MailAccount, 'protocol'>[]): Protocol[] => [
  ...new Set(accounts.map(({ protocol }) => protocol)),
]

/** Returns the accounts that one sign-in reconnects: those for which the same person signs in. */
export function sharingSignIn([first, ...others]: Line['accounts']): Line['accounts'] {
  const person = signsInAs(first).toLowerCase()
  const isSame = (account: MailAccount) =>
    account.authentication.type === 'oauth' &&
    account.authentication.flow === 'delegated' &&
    signsInAs(account).toLowerCase() === person
  return [first, ...others.filter(isSame)]
}
