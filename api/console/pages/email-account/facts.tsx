/** Facts about a saved account: why it does not work, and its access token. */
import { useState } from 'preact/hooks'
import type { Grant, GrantResource } from '../../../../schema/grant.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { post } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { DiagnosisView } from '../../components/diagnosis.tsx'
import { setFlash } from '../../components/flash.tsx'
import { Fact } from '../../components/layout.tsx'
import { Notice, ProblemNotice } from '../../components/notice.tsx'
import { Ago, Day } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'
import { go, leaveWarning, mayLeave } from '../../router.ts'
import { aboutProblem } from '../../ui/admin-message.ts'
import { resourceNames } from '../../ui/integration.ts'
import { useOf } from '../../ui/mail-account.ts'
import { isLost, tokenFor } from './grant-match.ts'
import { retryLabels } from './labels.ts'
import { pageLinks } from './refusal.tsx'
import { SendLink } from './send-link.tsx'

const titles: Record<string, string> = {
  reconnect_required: 'A new sign-in is required',
  grant_blocked: 'An administrator must act',
  protocol_not_granted: 'Microsoft no longer grants it',
  integration_inactive: 'The Microsoft integration is inactive',
  login_failed: 'The last validation failed',
}

type ProblemProps = {
  account: MailAccount
  grant: Grant | null
  signal: AbortSignal
  /** True if the form shows a failed login, with its diagnosis. */
  isDiagnosed: boolean
  /** Gets a new access token; null for a read-only key. */
  onReconnect: (() => void) | null
  /** A sign-in is under way. */
  isReconnecting: boolean
}

/** The account's problem, if there is one. What an administrator must do comes before what the reader can try. */
export function AccountProblem(props: ProblemProps) {
  const { account, grant, signal, isDiagnosed, onReconnect, isReconnecting } = props
  const { problem, health, username } = account
  if (problem === null) return null
  const isWaiting = health === 'cooling_down'
  const title = titles[problem.code] ?? (isWaiting ? 'Waiting for Microsoft' : 'It does not work')
  const link = pageLinks[problem.code]
  const actions = onReconnect && (
    <>
      {needsSignIn(account) && (
        <Reconnect
          account={account}
          busy={isReconnecting}
          onReconnect={onReconnect}
          signal={signal}
        />
      )}
      <AskAgain account={account} grant={grant} />
    </>
  )
  const isFirst = health === 'reconnect_required'
  return (
    <section class="card stack" aria-label={`What is wrong with ${useOf(account.protocol)}`}>
      <Notice tone={isWaiting ? 'ask' : 'bad'} title={title} text={problem.detail}>
        {problem.since !== undefined && (
          <div class="small quiet">
            Since <Ago time={problem.since} />
          </div>
        )}
        {link && (
          <div>
            <a href={link.href}>{link.text}</a>
          </div>
        )}
        {isFirst && actions}
      </Notice>
      {problem.diagnosis && !isDiagnosed && (
        <DiagnosisView
          diagnosis={problem.diagnosis}
          level="h2"
          {...aboutProblem(username, problem)}
        />
      )}
      {!isFirst && actions}
    </section>
  )
}

const needsSignIn = ({ authentication, health }: MailAccount) =>
  authentication.type === 'oauth' &&
  authentication.flow === 'delegated' &&
  (health === 'reconnect_required' || health === 'blocked')

function Reconnect(props: {
  account: MailAccount
  busy: boolean
  onReconnect: () => void
  signal: AbortSignal
}) {
  const { account, busy, onReconnect, signal } = props
  const { id, username, grant } = account
  const [hasSignedIn, setSignedIn] = useState(false)
  const button = (
    <Button class="main" busy={busy} onClick={onReconnect}>
      Reconnect
    </Button>
  )
  // Without a grant, a link is created in the form.
  if (!grant) return <div class="row after">{button}</div>
  const plan = {
    recipient: grant.signed_in_as,
    mailbox: username,
    input: { mail_account_id: id, apply: 'at_once' },
    next: 'Then the mailbox is connected again.',
  } as const
  return (
    <>
      <SendLink
        plan={plan}
        onSignedIn={() => (leaveWarning() ? setSignedIn(true) : showAgain(grant.signed_in_as))}
        signal={signal}
      >
        {button}
      </SendLink>
      <div role="status">
        {hasSignedIn && (
          <>
            {grant.signed_in_as} has signed in.{' '}
            <Button onClick={() => mayLeave() && showAgain(grant.signed_in_as)}>
              Show the mailbox again
            </Button>
          </>
        )}
      </div>
      <div class="small after">To reconnect here, sign in as {grant.signed_in_as}, then save.</div>
    </>
  )
}

/** Shows the account again after a sign-in elsewhere. */
function showAgain(person: string): void {
  setFlash(`${person} has signed in`)
  go(location.hash)
}

/**
 * "Ask again": retries a refused access token immediately, for example after an administrator has fixed it. Renders
 * nothing while the access token works.
 */
function AskAgain({ account, grant }: { account: MailAccount; grant: Grant | null }) {
  const { health, authentication } = account
  if (health !== 'blocked' && health !== 'cooling_down' && health !== 'reconnect_required') {
    return null
  }
  if (authentication.type === 'oauth' && authentication.flow === 'app_only') {
    return <div class="small">{retryLabels.appOnly}</div>
  }
  return grant && <AskMicrosoft account={account} grant={grant} about={retryLabels[health]} />
}

type RetriedGrant = { grant: Grant; works: boolean }

function AskMicrosoft(props: { account: MailAccount; grant: Grant; about: string }) {
  const { account, grant, about } = props
  const { busy, problem, run } = useAction()
  const [retried, setRetried] = useState<RetriedGrant | null>(null)

  async function ask(): Promise<void> {
    setRetried(null)
    const now = await post<Grant>(`/v1/grants/${grant.id}/retry`)
    const token = tokenFor(now, account.protocol)
    const works = token?.status === 'active' && token.protocols.includes(account.protocol)
    if (works) setFlash('The sign-in works again')
    if ((works || now.status !== grant.status) && mayLeave()) go(location.hash)
    else setRetried({ grant: now, works })
  }

  return (
    <div>
      <div class="row after">
        <Button busy={busy} onClick={() => run(ask)}>
          Ask again
        </Button>
        <span class="small">
          {about}
          {grant.retry_at && (
            <>
              {' '}
              Otherwise Mailgrant asks again <Ago time={grant.retry_at} />.
            </>
          )}
        </span>
      </div>
      <div role="status" class="result">
        {problem && <ProblemNotice problem={problem} />}
        {retried?.works && <Notice tone="good" title="The sign-in works again" />}
        {retried && !retried.works && (
          <Notice tone="ask" title={retryLabels.still} text={retried.grant.problem?.detail} />
        )}
      </div>
    </div>
  )
}

/** Facts about the saved sign-in, and its access token for each service. */
export function GrantFacts({ grant }: { grant: Grant }) {
  // A token that was only requested is not part of the sign-in.
  const tokens = grant.resources.filter(({ protocols }) => protocols.length > 0)
  return (
    <dl class="facts">
      <Fact name="Account">{grant.account_type === 'work' ? 'Work or school' : 'Personal'}</Fact>
      <Fact name="Tenant">
        <code>{grant.tenant_id}</code>
      </Fact>
      {tokens.map((token) => (
        <TokenFact
          key={token.resource}
          token={token}
          service={tokens.length > 1 ? ` for ${resourceNames[token.resource]}` : ''}
        />
      ))}
      {grant.retry_at && (
        <Fact name="Next attempt">
          <Ago time={grant.retry_at} />
        </Fact>
      )}
      <Fact name="Last renewed">
        {grant.refreshed_at ? <Ago time={grant.refreshed_at} /> : 'Never'}
      </Fact>
      <Fact name="Signed in">
        <Day time={grant.created_at} />
      </Fact>
      {grant.warnings.length > 0 && <Fact name="Worth knowing">{grant.warnings.join(' ')}</Fact>}
    </dl>
  )
}

function TokenFact({ token, service }: { token: GrantResource; service: string }) {
  const { access_token_expires_at: end } = token
  const isExpired = end !== null && Date.parse(end) <= Date.now()
  return (
    <Fact name={`Access token${service} ${isExpired ? 'expired' : 'expires'}`}>
      {end ? <Ago time={end} /> : 'None is stored'}
      {isLost(token) ? '. Microsoft will not renew it' : '. Mailgrant renews it when needed'}
    </Fact>
  )
}
