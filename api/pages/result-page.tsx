/** Result pages after Microsoft's sign-in: completed, failed, rejected, or a question about the account. */
import type { Protocol } from '../../schema/mail-servers.ts'
import type { SignInOutcome } from '../domain/authorizations/outcome.ts'
import type { AuthorizationRecord } from '../model/authorization.ts'
import type { SignInFailure } from '../model/reason.ts'
import { CALLBACK } from '../paths.ts'
import { type ProblemContent, problemTable } from '../problem.ts'
import { Layout } from './layout.tsx'
import { NextStep, Step, Why } from './next-step.tsx'
import { returnUrlWithOutcome } from './return-url.ts'
import { nextSteps, pageTitles, shortRights, stepsAfterFailure } from './texts.ts'

type Outcome<Kind extends SignInOutcome['kind']> = Extract<SignInOutcome, { kind: Kind }>

const scriptData = (authorization: AuthorizationRecord, status: 'completed' | 'failed') => ({
  authorization: authorization.id,
  status,
  origin: authorization.origin,
  closes: status === 'completed',
  next: returnUrlWithOutcome(authorization, status),
})

const titleOf = ({ code, facts }: Pick<SignInFailure, 'code' | 'facts'>) => {
  // The right account signed in, but without a permission that the reconnection requires.
  const lacking = code === 'account_mismatch' && facts?.kind === 'no_mail_scope'
  const shown = lacking ? 'protocol_not_granted' : code
  return pageTitles[shown] ?? problemTable[shown].title
}

const describeProtocols = (protocols: Protocol[]) =>
  protocols.map((protocol) => shortRights[protocol]).join(' and ')

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

export function Completed({ outcome }: { outcome: Outcome<'completed'> }) {
  const { authorization, grant } = outcome
  const data = scriptData(authorization, 'completed')
  const missing = authorization.protocols.filter((each) => !grant.protocols.includes(each))
  return (
    <Layout title="Signed in" mark="good" script={data}>
      <p>
        <strong>{grant.signedInAs}</strong> granted access for {describeProtocols(grant.protocols)}.
      </p>
      {missing.length > 0 && (
        <p>
          Microsoft did not grant access for {describeProtocols(missing)}: an administrator of your
          organisation may have to allow it.
        </p>
      )}
      {authorization.apply === 'at_once' ? (
        <p>The mailbox is connected again.</p>
      ) : (
        <Step>
          <p>
            {authorization.mismatch
              ? `Go back to the form, enter ${grant.signedInAs} as the account that signs in, and save.`
              : 'Go back to the form and save it.'}{' '}
            Unsaved access is deleted after an hour.
          </p>
        </Step>
      )}
      <Back href={data.next} />
    </Layout>
  )
}

export function Mismatch({ outcome }: { outcome: Outcome<'mismatch'> }) {
  const { authorization, signedInAs, sealed } = outcome
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
        Keep this account if it has access to the mailbox, for example because the mailbox is
        shared. Then enter it in the form as the account that signs in.
      </p>
      <form method="post" action={CALLBACK}>
        <input type="hidden" name="authorization" value={authorization.id} />
        <input type="hidden" name="undecided" value={sealed} />
        <button type="submit" name="decision" value="discard" class="main">
          Discard it
        </button>
        <button type="submit" name="decision" value="keep">
          Keep this account
        </button>
      </form>
      <p class="quiet">
        Nothing is stored unless you keep it. If you discard it, start again: Microsoft will ask
        which account to use.
      </p>
    </Layout>
  )
}

export function Failed({ outcome }: { outcome: Outcome<'failed'> }) {
  const { authorization, failure, diagnosis, adminLink } = outcome
  const data = scriptData(authorization, 'failed')
  const step = stepsAfterFailure[failure.code]
  return (
    <Layout title={titleOf(failure)} mark="bad" script={data}>
      <p>{failure.detail}</p>
      {step === undefined ? (
        <NextStep diagnosis={diagnosis} adminLink={adminLink} />
      ) : (
        <>
          <Step>
            <p>{step}</p>
          </Step>
          <Why diagnosis={diagnosis} />
        </>
      )}
      <Back href={data.next} />
    </Layout>
  )
}

/** Page for a request that is no valid response to a sign-in. Has no script, so that it can be reloaded. */
export function Rejected(props: {
  problem: Pick<ProblemContent, 'code' | 'detail'>
  returnFor: Outcome<'rejected'>['returnFor']
}) {
  const { problem, returnFor } = props
  const step = nextSteps[problem.code]
  return (
    <Layout title={titleOf(problem)} mark="bad">
      <p>{problem.detail}</p>
      {step && (
        <Step>
          <p>{step}</p>
        </Step>
      )}
      <Back href={returnFor && returnUrlWithOutcome(returnFor.authorization, returnFor.status)} />
    </Layout>
  )
}
