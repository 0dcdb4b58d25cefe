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

/** Returns what someone has signed in with since, if the reader's own link waited for it before. */
export function signedInFor(
  line: ForLine,
  before: readonly Link[],
  links: readonly Link[],
): Grant | undefined {
  const waited = waitingFor(line, before)
  const link = links.find(({ id }) => id === waited?.id)
  return link?.status === 'completed' && link.own ? link.grant : undefined
}

/** A link with a line of its own. `href`: of the page that finishes it; null while it waits. */
export type LoneLink = { link: Link; until: string; href: string | null }

/** Returns the links that wait for the reader to finish them, or for someone to sign in for none of the lines. */
export const loneLinks = (links: readonly Link[], lines: readonly ForLine[]): LoneLink[] =>
  links.flatMap((link): LoneLink[] => {
    if (link.status === 'pending') {
      const isAlone = !lines.some((line) => isFor(line, link))
      return isAlone ? [{ link, until: link.expires_at, href: null }] : []
    }
    const grant = link.status === 'completed' && link.own ? link.grant : undefined
    if (!grant?.expires_at) return []
    return [{ link, until: grant.expires_at, href: finishHref(link, grant) }]
  })

/** Returns the page where the sign-in is saved: of its account, or the form of a new one. */
function finishHref({ mail_account_id: id, username, delegate, protocols }: Link, grant: Grant) {
  if (id !== null) return `${accountHref({ id })}?${new URLSearchParams({ grant: grant.id })}`
  return newMailboxHref({
    mailbox: username,
    ...(delegate !== null && { delegate }),
    grant: grant.id,
    protocols: protocols.join(' '),
  })
}
