/** Result pages after Microsoft's sign-in: completed, failed, rejected, or a question about the account. */
import type { AuthorizationStatus } from '../../schema/authorization.ts'
import type { ProblemCode } from '../../schema/problem.ts'
import { problemTable } from '../../schema/problems.ts'
import type { SignInOutcome } from '../domain/sign-ins/outcome.ts'
import type { AuthorizationRecord } from '../model/authorization.ts'
import { CALLBACK } from '../paths.ts'
import type { ProblemContent } from '../problem.ts'
import { Copyable, English, Layout, type PageContext } from './layout.tsx'
import { CauseDetails, causeOf, NextStep, Step } from './next-step.tsx'
import { failureText, rejectionText, titleOf } from './sentences.ts'
import type { Texts } from './texts/en.ts'

type Outcome<Kind extends SignInOutcome['kind']> = Extract<SignInOutcome, { kind: Kind }>

const scriptData = (authorization: AuthorizationRecord, status: 'completed' | 'failed') => ({
  authorization: authorization.id,
  status,
  origin: authorization.origin,
  next: returnUrlWithOutcome(authorization, status),
})

const Back = ({ texts, href }: { texts: Texts; href: string | null }) =>
  href === null ? (
    <p class="quiet">{texts.closeWindow}</p>
  ) : (
    <p>
      <a href={href} class="button">
        {texts.goBack}
      </a>
    </p>
  )

/** Shows the sentence in the reader's language, or else the English one with an introduction. */
function Sentence(props: { texts: Texts; translated: string | undefined; detail: string }) {
  const { texts, translated, detail } = props
  if (translated) return <p>{translated}</p>
  return (
    <>
      {texts.sentences && <p>{texts.sentences.general}</p>}
      <English texts={texts}>{detail}</English>
    </>
  )
}

/** Lines that help support to find the attempt. */
function Details(props: {
  context: PageContext
  lines: readonly (readonly [label: string, value: string | null])[]
}) {
  const { texts, now } = props.context
  const time = now.toLocaleString(texts.lang, {
    dateStyle: 'medium',
    timeStyle: 'long',
    timeZone: 'UTC',
  })
  // French has a no-break space before a colon.
  const colon = texts.lang === 'fr' ? '\u00a0: ' : ': '
  const lines = [...props.lines, [texts.details.time, time] as const]
    .filter(([, value]) => value !== null)
    .map(([label, value]) => `${label}${colon}${value}`)
  return (
    <details>
      <summary>{texts.details.title}</summary>
      <Copyable
        texts={texts}
        value={lines.join('\n')}
        label={texts.details.label}
        copy={texts.copyDetails}
        rows={lines.length}
      />
    </details>
  )
}

type PageOf<Kind extends SignInOutcome['kind']> = { context: PageContext; outcome: Outcome<Kind> }

export function Completed({ context, outcome }: PageOf<'completed'>) {
  const { texts } = context
  const { completed, copyAddress } = texts
  const { authorization, grant } = outcome
  const { signedInAs, protocols } = grant
  const data = scriptData(authorization, 'completed')
  const isDone = authorization.apply === 'at_once' || authorization.sent
  const missing = authorization.protocols.filter((each) => !protocols.includes(each))
  return (
    <Layout context={context} title={completed.title} mark="good" script={data}>
      <p>{completed.granted(signedInAs, protocols)}</p>
      {missing.length > 0 && <p>{completed.missing(missing)}</p>}
      {isDone ? (
        <p>{authorization.apply === 'at_once' ? completed.reconnected : completed.sent}</p>
      ) : (
        <Step texts={texts}>
          {authorization.mismatch ? (
            <Copyable
              texts={texts}
              value={signedInAs}
              label={completed.saveAs(signedInAs)}
              copy={copyAddress}
            />
          ) : (
            <p>{completed.save}</p>
          )}
          <p>{completed.unsaved}</p>
        </Step>
      )}
      <Back texts={texts} href={data.next} />
    </Layout>
  )
}

export function Mismatch({ context, outcome }: PageOf<'mismatch'>) {
  const { mismatch } = context.texts
  const { authorization, signedInAs, sealed } = outcome
  const { username, delegate } = authorization
  return (
    <Layout context={context} title={mismatch.title} mark="ask" script={{}}>
      <dl translate="no">
        <div>
          <dt>{mismatch.expected}</dt>
          <dd>{delegate ? mismatch.either(username, delegate) : username}</dd>
        </div>
        <div>
          <dt>{mismatch.signedIn}</dt>
          <dd>{signedInAs}</dd>
        </div>
      </dl>
      <form method="post" action={CALLBACK}>
        <input type="hidden" name="authorization" value={authorization.id} />
        <input type="hidden" name="undecided" value={sealed} />
        <button type="submit" name="decision" value="discard" class="main">
          {mismatch.discard}
        </button>
        {[mismatch.samePerson, mismatch.shared].map((choice) => (
          <button type="submit" name="decision" value="keep">
            {choice}
          </button>
        ))}
      </form>
      <p class="quiet">{mismatch.nothingStored}</p>
    </Layout>
  )
}

/** Steps after problems whose fix addresses programs, or whose sentence contains no step. */
const stepsOf = (texts: Texts): Partial<Record<ProblemCode, string>> => ({
  authorization_ended: texts.askForNewLink,
  authorization_expired: texts.newLink,
  authorization_used: texts.askForNewLink,
  integration_inactive: texts.tellAndStartAgain,
  integration_not_configured: texts.tellAndStartAgain,
  provider_unavailable: texts.waitAndStartAgain,
})

export function Failed({ context, outcome }: PageOf<'failed'>) {
  const { texts } = context
  const { authorization, failure, diagnosis, adminLinks, correlationId } = outcome
  const data = scriptData(authorization, 'failed')
  const isWrongLink = authorization.sent && failure.facts?.kind === 'account_mismatch'
  const step = isWrongLink ? texts.askForNewLink : stepsOf(texts)[failure.code]
  const aadsts = failure.facts?.aadsts
  return (
    <Layout context={context} title={titleOf(texts, failure)} mark="bad" script={data}>
      <Sentence
        texts={texts}
        translated={failureText(texts, failure, authorization, causeOf(diagnosis))}
        detail={failure.detail}
      />
      {step === undefined ? (
        <NextStep texts={texts} diagnosis={diagnosis} adminLinks={adminLinks} />
      ) : (
        <>
          <Step texts={texts} text={step} />
          <CauseDetails texts={texts} diagnosis={diagnosis} />
        </>
      )}
      <Details
        context={context}
        lines={[
          [texts.details.error, aadsts ? `AADSTS${aadsts}` : failure.code],
          [texts.details.correlationId, correlationId],
          [texts.details.signIn, authorization.id],
        ]}
      />
      <Back texts={texts} href={data.next} />
    </Layout>
  )
}

/** A problem of a page. `key`: of its translation, if there is one. */
export type PageProblem = ProblemContent & { key: string }

/** Page for a request that is no valid response to a sign-in. Its script leaves the URL, so that it can be reloaded. */
export function Rejected(props: {
  context: PageContext
  problem: PageProblem
  requestId: string
  returnFor: Outcome<'rejected'>['returnFor']
  /** URL that repeats the request; null if that cannot help. */
  again: string | null
}) {
  const { context, problem, requestId, returnFor, again } = props
  const { texts } = context
  const step = again === null ? stepsOf(texts)[problem.code] : undefined
  return (
    <Layout context={context} title={titleOf(texts, problem)} mark="bad">
      <Sentence
        texts={texts}
        translated={rejectionText(texts, problem.key)}
        detail={problem.detail}
      />
      {step && <Step texts={texts} text={step} />}
      {problemTable[problem.code].status >= 500 && (
        <Details
          context={context}
          lines={[
            [texts.details.error, problem.code],
            [texts.details.requestId, requestId],
          ]}
        />
      )}
      {again === null ? (
        <Back
          texts={texts}
          href={returnFor && returnUrlWithOutcome(returnFor.authorization, returnFor.status)}
        />
      ) : (
        <p>
          <a href={again} class="button main">
            {texts.tryAgain}
          </a>
        </p>
      )}
    </Layout>
  )
}

/** Returns `return_url` with the outcome added; null without one, or while the outcome is open. */
function returnUrlWithOutcome(
  authorization: { id: string; returnUrl: string | null },
  status: AuthorizationStatus,
): string | null {
  if (authorization.returnUrl === null || status === 'pending') return null
  const url = new URL(authorization.returnUrl)
  url.searchParams.set('authorization', authorization.id)
  url.searchParams.set('status', status)
  return url.href
}
