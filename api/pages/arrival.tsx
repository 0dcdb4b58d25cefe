/** After Microsoft: done, not done, or one question. */
import type { Ending } from '../domain/authorizations/ending.ts'
import { nextPlace } from '../domain/authorizations/places.ts'
import { problemTable } from '../problem.ts'
import type { Refusal } from '../result.ts'
import type { AuthorizationRecord } from '../store/authorization-record.ts'
import { Layout } from './layout.tsx'
import { NextStep } from './next-step.tsx'
import { pageTitles, shortRights } from './words.ts'

type Of<Kind extends Ending['kind']> = Extract<Ending, { kind: Kind }>

const scriptData = (authorization: AuthorizationRecord, status: 'completed' | 'failed') => ({
  authorization: authorization.id,
  status,
  origin: authorization.origin,
  closes: status === 'completed',
  next: nextPlace(authorization, status),
})

const Back = (props: { href: string | null }) =>
  props.href === null ? (
    <p class="quiet">You can close this window.</p>
  ) : (
    <p>
      <a href={props.href} class="button">
        Go back
      </a>
    </p>
  )

export function Completed({ ending }: { ending: Of<'completed'> }) {
  const { authorization, grant } = ending
  const data = scriptData(authorization, 'completed')
  const granted = grant.protocols.map((protocol) => shortRights[protocol]).join(' and ')
  const reconnected = authorization.apply === 'at_once'
  return (
    <Layout title="Signed in" mark="good" script={data}>
      <p>
        <strong>{grant.signedInAs}</strong> gave access for {granted}.
      </p>
      <p>
        {reconnected
          ? 'The mailbox is connected again.'
          : 'Go back to the form and save it: otherwise the access is thrown away within the hour.'}
      </p>
      <Back href={data.next} />
    </Layout>
  )
}

export function Undecided({ ending }: { ending: Of<'undecided'> }) {
  const { authorization, signedInAs, sealed } = ending
  const { username, delegate } = authorization
  return (
    <Layout title="Is this the right account?" mark="ask" script={{}}>
      <dl>
        <div>
          <dt>Expected</dt>
          <dd>{delegate ? `${username} or ${delegate}` : username}</dd>
        </div>
        <div>
          <dt>Signed in</dt>
          <dd>{signedInAs}</dd>
        </div>
      </dl>
      <p>
        Keep it if this account may open the mailbox, for example because the mailbox is shared. The
        form must then name it as the one who signs in.
      </p>
      <form method="post" action="/oauth/microsoft/callback">
        <input type="hidden" name="authorization" value={authorization.id} />
        <input type="hidden" name="undecided" value={sealed} />
        <button type="submit" name="decision" value="discard" class="main">
          Discard it
        </button>
        <button type="submit" name="decision" value="keep">
          Keep this account
        </button>
      </form>
      <p class="quiet">Nothing is stored unless you keep it.</p>
    </Layout>
  )
}

export function Failed({ ending }: { ending: Of<'failed'> }) {
  const { authorization, refusal, diagnosis, adminLink } = ending
  const data = scriptData(authorization, 'failed')
  return (
    <Layout title={problemTable[refusal.code].title} mark="bad" script={data}>
      <p>{refusal.detail}</p>
      {diagnosis && <NextStep diagnosis={diagnosis} />}
      {adminLink && (
        <label>
          If Microsoft asks for an administrator, send this link to one of your organisation and
          start again once it is done.
          <textarea readonly>{adminLink}</textarea>
        </label>
      )}
      <Back href={data.next} />
    </Layout>
  )
}

/** For what cannot be tied to a sign-in. Without the script, so that it can be loaded again. */
export const Stopped = ({ refusal }: { refusal: Refusal }) => (
  <Layout title={pageTitles[refusal.code] ?? problemTable[refusal.code].title} mark="bad">
    <p>{refusal.detail}</p>
    <p class="quiet">You can close this window.</p>
  </Layout>
)
