/** Pages before Microsoft's sign-in: who requests what, and the redirect. */
import type { AuthorizationRecord } from '../model/authorization.ts'
import { AUTHORIZE } from '../paths.ts'
import { Layout } from './layout.tsx'
import { rights } from './texts.ts'

/** Shows what is requested before the redirect: the link may have come from anywhere. */
export function ConsentPage(props: {
  authorization: AuthorizationRecord
  requester: string
  secret: string
}) {
  const { authorization, requester, secret } = props
  const { username, delegate, origin, protocols } = authorization
  return (
    <Layout title="Connect a mailbox" mark="plain">
      <p>
        You are about to sign in at Microsoft and grant access to a mailbox. Continue only if you
        know who requests it.
      </p>
      <dl>
        <div>
          <dt>Requested by</dt>
          <dd>
            {requester}
            {origin && <> at {origin}</>}
          </dd>
        </div>
        <div>
          <dt>Mailbox</dt>
          <dd>{username}</dd>
        </div>
        {delegate && (
          <div>
            <dt>Sign in as</dt>
            <dd>{delegate}</dd>
          </div>
        )}
        <div>
          <dt>It will be able to</dt>
          <dd>
            <ul>
              {protocols.map((protocol) => (
                <li>{rights[protocol]}</li>
              ))}
              <li>Keep this access until it is revoked</li>
            </ul>
          </dd>
        </div>
      </dl>
      <form method="post" action={AUTHORIZE}>
        <input type="hidden" name="authorization" value={authorization.id} />
        <input type="hidden" name="secret" value={secret} />
        <button type="submit" class="main">
          Continue to Microsoft
        </button>
      </form>
      <p class="quiet">You did not expect this? Close this page and nothing will happen.</p>
    </Layout>
  )
}

/** Redirects by a page, because browsers apply `form-action` to an HTTP redirect after a form. */
export function RedirectingPage(props: { url: string }) {
  return (
    <Layout title="Redirecting to Microsoft" mark="plain" refresh={props.url}>
      <p>You are being redirected to Microsoft's sign-in.</p>
      <p>
        <a href={props.url} class="button main">
          Continue
        </a>
      </p>
    </Layout>
  )
}
