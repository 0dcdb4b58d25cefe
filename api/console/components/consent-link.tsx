/** A link with which an administrator allows the app for an organisation. */
import { useEffect, useState } from 'preact/hooks'
import type { AdminConsentInput, AdminConsentLink } from '../../../schema/integration.ts'
import type { MailAccount } from '../../../schema/mail-account.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'
import { resourceOf } from '../../../schema/protocols.ts'
import { type Problem, post, problemOf } from '../api.ts'
import { resourceNames } from '../ui/integration.ts'
import { NewTab } from './button.tsx'
import { Copyable } from './copyable.tsx'
import { ProblemNotice } from './notice.tsx'
import { Day } from './time.tsx'

type Request = Partial<AdminConsentInput>

/** Returns the request for the organisation of the account. */
export function consentFor({ authentication, grant, delegate, username }: MailAccount): Request {
  if (authentication.type === 'oauth' && authentication.flow === 'app_only') {
    return { tenant: authentication.tenant, flow: 'app_only' }
  }
  return { tenant: (grant?.signed_in_as ?? delegate ?? username).split('@')[1] }
}

/** Creates the link when it is shown. `next`: what to do after the approval. */
export function ConsentLink(props: { request: Request; protocol?: Protocol; next: string }) {
  const { request, protocol, next } = props
  const [link, setLink] = useState<AdminConsentLink | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  useEffect(() => {
    post<AdminConsentLink>('/v1/integrations/microsoft/admin-consent', request)
      .then(setLink)
      .catch((error) => setProblem(problemOf(error)))
  }, [])
  return (
    <div role="status">
      {problem && <ProblemNotice problem={problem} />}
      {link && <LinksToSend link={link} protocol={protocol} next={next} />}
    </div>
  )
}

/** The links, one for each service, and a public page for the admin to be sent along. */
export function LinksToSend(props: {
  link: AdminConsentLink
  /** The only use that matters, if there is one. */
  protocol?: Protocol | undefined
  next: string
}) {
  const { link, protocol, next } = props
  const wanted = link.links.filter(({ resource }) => protocol && resource === resourceOf(protocol))
  const links = wanted.length > 0 ? wanted : link.links
  const isOne = links.length === 1
  return (
    <>
      <p>
        Send {isOne ? 'this' : 'each'} link to your Microsoft 365 admin, who can approve the app
        with it. It works until <Day time={link.expires_at} />, or until it has been used
        successfully. After the approval, {next}.
      </p>
      {links.map(({ resource, url }) => (
        <div key={resource}>
          {!isOne && <span class="quiet">For {resourceNames[resource]}</span>}
          <Copyable
            text={url}
            name={isOne ? 'link for the admin' : `link for the admin, ${resourceNames[resource]}`}
          />
        </div>
      ))}
      <p class="small">
        Send this page along:{' '}
        <NewTab href="/docs/guides/approval" text="What you're asked to approve" />
      </p>
    </>
  )
}
