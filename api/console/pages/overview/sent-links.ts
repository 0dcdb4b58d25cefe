/** Sign-in links that were sent, beside the mailboxes that need attention. Pure. */
import type { Authorization } from '../../../../schema/authorization.ts'
import type { Grant } from '../../../../schema/grant.ts'
import { accountHref, newMailboxHref } from '../../ui/mail-account.ts'
import { type Line, mailboxOf } from './urgency.ts'

type Link = Authorization
type ForLine = Pick<Line, 'mailbox' | 'accounts'>

/** Returns the person who signs in with the link. */
export const recipientOf = ({ delegate, username }: Pick<Link, 'delegate' | 'username'>): string =>
  delegate ?? username

const isFor = ({ mailbox, accounts }: ForLine, link: Link) =>
  mailboxOf(link) === mailbox || accounts.some(({ id }) => id === link.mail_account_id)

/** Returns the link with which someone can still sign in for the mailbox. */
export const waitingFor = (line: ForLine, links: readonly Link[]): Link | undefined =>
  links.find((link) => link.status === 'pending' && isFor(line, link))

/** Returns the grant of a sign-in that has completed since, if its link was shown as waiting before. */
export function signedInFor(
  line: ForLine,
  before: readonly Link[],
  links: readonly Link[],
): Grant | undefined {
  const waited = waitingFor(line, before)
  const link = links.find(({ id }) => id === waited?.id)
  return link?.status === 'completed' && link.own ? link.grant : undefined
}

/** A link with a separate line. `href`: of the page that finishes or replaces it; null while it waits. */
export type LoneLink = { link: Link; href: string | null }

/**
 * Returns the links with a line of their own: those that the console's user must finish or replace, and pending ones
 * for other mailboxes.
 */
export const loneLinks = (links: readonly Link[], lines: readonly ForLine[]): LoneLink[] =>
  links.flatMap((link): LoneLink[] => {
    if (link.status === 'pending') {
      const isAlone = !lines.some((line) => isFor(line, link))
      return isAlone ? [{ link, href: null }] : []
    }
    if (!link.own) return []
    if (link.status !== 'completed') {
      const { problem } = link
      const isSettled = problem.code === 'authorization_ended' || hasNewer(links, link)
      return isSettled ? [] : [{ link, href: pageOf(link) }]
    }
    const { grant } = link
    return grant?.expires_at ? [{ link, href: pageOf(link, grant) }] : []
  })

const hasNewer = (links: readonly Link[], link: Link) =>
  links.some((one) => mailboxOf(one) === mailboxOf(link) && one.created_at > link.created_at)

/** Returns the page of the account, or the form of a new one. `grant`: the sign-in that is saved there. */
function pageOf(link: Link, grant?: Grant) {
  const { mail_account_id: id, customer, username, delegate, protocols } = link
  const signedIn = grant && { grant: grant.id }
  if (id !== null) {
    return accountHref({ id }) + (signedIn ? `?${new URLSearchParams(signedIn)}` : '')
  }
  return newMailboxHref({
    mailbox: username,
    ...(delegate !== null && { delegate }),
    ...(customer !== null && { customer }),
    ...signedIn,
    protocols: protocols.join(' '),
  })
}
