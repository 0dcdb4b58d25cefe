/** Pages before Microsoft's sign-in: who requests what, and the redirect. */
import type { AdminConsentOutcome } from '../domain/app/admin-consent.ts'
import type { AuthorizationRecord } from '../model/authorization.ts'
import { AUTHORIZE } from '../paths.ts'
import { Layout, type PageContext } from './layout.tsx'
import { Step } from './next-step.tsx'

/** Shows the request before the redirect, since the link may have come from anywhere. */
export function ConsentPage(props: {
  context: PageContext
  authorization: AuthorizationRecord
  /** Name of the API key; null for the administrator of the service. */
  requester: string | null
  secret: string
}) {
  const { context, authorization, requester, secret } = props
  const { brand } = context
  const { consent } = context.texts
  const { customer, username, delegate, origin, protocols } = authorization
  const title = brand ? consent.asks(brand.name, username, protocols) : consent.title
  return (
    <Layout context={context} title={title}>
      <p>{consent.intro}</p>
      <dl>
        <div>
          <dt>{consent.requestedBy}</dt>
          <dd>{consent.requester(requester, origin)}</dd>
        </div>
        {customer && <Entry term={consent.customer} name={customer} />}
        {/* With a product, the title contains the mailbox. */}
        {!brand && <Entry term={consent.mailbox} name={username} />}
        {delegate && <Entry term={consent.signInAs} name={delegate} />}
        <div>
          <dt>{consent.access}</dt>
          <dd>
            <ul>
              {protocols.map((protocol) => (
                <li>{consent.rights[protocol]}</li>
              ))}
              <li>{consent.keepsAccess}</li>
            </ul>
          </dd>
        </div>
      </dl>
      <form method="post" action={AUTHORIZE}>
        <input type="hidden" name="authorization" value={authorization.id} />
        <input type="hidden" name="secret" value={secret} />
        <button type="submit" class="main">
          {consent.submit}
        </button>
      </form>
      <p class="quiet">{consent.unexpected}</p>
    </Layout>
  )
}

const Entry = ({ term, name }: { term: string; name: string }) => (
  <div>
    <dt>{term}</dt>
    <dd translate="no">{name}</dd>
  </div>
)

/** Redirects by a page, because browsers apply `form-action` to an HTTP redirect after a form. */
export function RedirectingPage({ context, url }: { context: PageContext; url: string }) {
  const { texts } = context
  return (
    <Layout context={context} title={texts.redirecting.title} refresh={url}>
      <p>{texts.redirecting.text}</p>
      <p>
        <a href={url} class="button main">
          {texts.continue}
        </a>
      </p>
    </Layout>
  )
}

type Kind = Exclude<AdminConsentOutcome, { kind: 'rejected' }>['kind']

/** Repeats the response's claim, which is not verified. The next sign-in shows whether consent works. */
export function AdminConsentPage({ context, kind }: { context: PageContext; kind: Kind }) {
  const { texts } = context
  const { adminConsent, whoActs, closeWindow } = texts
  const { title, text, step, note } = adminConsent[kind]
  const refused = kind === 'refused'
  return (
    <Layout context={context} title={title} mark={refused ? 'bad' : 'good'}>
      <p>{text}</p>
      {step && <Step texts={texts} text={step} who={refused ? whoActs.tenant_admin : undefined} />}
      {note && <p class="quiet">{note}</p>}
      <p class="quiet">{closeWindow}</p>
    </Layout>
  )
}
