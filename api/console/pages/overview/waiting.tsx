/**
 * Sign-in links that wait for the person who was sent them, or for the console's user, who finishes or replaces them.
 */
import type { Authorization } from '../../../../schema/authorization.ts'
import { DayTime } from '../../components/time.tsx'
import { may } from '../../rights.ts'
import { CancelLink } from '../email-account/send-link.tsx'
import { type LoneLink, recipientOf } from './sent-links.ts'

export const Waiting = ({ link }: { link: Authorization }) => (
  <>
    Waiting for {recipientOf(link)}, until <DayTime time={link.expires_at} />
  </>
)

type SentLinksProps = { links: readonly LoneLink[]; onChange: () => Promise<void> }

/** The links that no line of the inbox shows. */
export const SentLinks = ({ links, onChange }: SentLinksProps) =>
  links.length === 0 ? null : (
    <section aria-label="Sign-in links">
      <ul class="inbox">
        {links.map((one) => (
          <SentLink key={one.link.id} {...one} onChange={onChange} />
        ))}
      </ul>
    </section>
  )

const SentLink = ({ link, href, onChange }: LoneLink & Pick<SentLinksProps, 'onChange'>) => {
  const isFailed = link.status === 'failed' || link.status === 'expired'
  return (
    <li class={isFailed ? 'bad' : 'ask'}>
      <div>
        <strong class="line-name">{link.username}</strong>
        <div>
          <LinkState link={link} />
        </div>
      </div>
      <div class="line-step">
        {href !== null && (
          <a class="button" href={href}>
            {isFailed ? 'Open mailbox' : 'Finish'}
          </a>
        )}
        {href === null && may('write') && <CancelLink id={link.id} onChange={onChange} />}
      </div>
    </li>
  )
}

function LinkState({ link }: { link: Authorization }) {
  if (link.status === 'pending') return <Waiting link={link} />
  const recipient = recipientOf(link)
  if (link.status === 'completed') {
    return (
      <>
        {recipient} has signed in. Finish it before{' '}
        <DayTime time={link.grant?.expires_at ?? link.expires_at} />, or the sign-in is deleted.
      </>
    )
  }
  return (
    <>
      {recipient} has not signed in with the link. {link.problem.detail} Send a new link if it is
      still needed.
    </>
  )
}
