/** Of a diagnosis, what a person needs: the one thing to do now, who does it, and why on request. */
import type { PropsWithChildren } from 'hono/jsx'
import type { Diagnosis, Responsible } from '../../schema/diagnosis.ts'
import { whoActs } from './texts.ts'

export const Step = ({ who, children }: PropsWithChildren<{ who?: string | undefined }>) => (
  <section class="step">
    <h2>Next step</h2>
    {children}
    {who && <p class="quiet">{who}</p>}
  </section>
)

/** Others than whoever reads the page, and within her reach: her part is to pass it on. */
const reachable: readonly (Responsible | undefined)[] = ['tenant_admin', 'app_owner', 'operator']

/** `adminLink`: where only an admin can open the way, the link to send. Without it nothing is shown of it. */
export function NextStep(props: { diagnosis: Diagnosis | null; adminLink: string | null }) {
  const { diagnosis, adminLink } = props
  const cause = causeOf(diagnosis)
  const [fix] = cause?.fixes ?? []
  const sends = adminLink !== null && (!fix || cause?.responsible === 'tenant_admin')
  if (!sends && !fix) return null
  const who = cause && whoActs[cause.responsible]
  const passesOn = !sends && reachable.includes(cause?.responsible)
  // Beside the link there are two who may act, and the words name both.
  const either = !sends && adminLink !== null
  return (
    <>
      <Step who={passesOn || either ? undefined : who}>
        {passesOn && <p>{who} Show them this page:</p>}
        {sends ? null : <p>{fix?.text}</p>}
        {adminLink && (
          <label>
            {sends
              ? 'Send this link to an administrator of your organisation. Once it is done, start again.'
              : 'If Microsoft asked for an administrator, send this link to one of your organisation, and start again once it is done.'}
            <textarea readonly rows={5}>
              {adminLink}
            </textarea>
          </label>
        )}
        {fix?.url && fix.url !== adminLink && <Place url={fix.url} />}
      </Step>
      <Why diagnosis={diagnosis} />
    </>
  )
}

const causeOf = (diagnosis: Diagnosis | null) =>
  diagnosis?.verdict === 'unknown' ? undefined : diagnosis?.candidates[0]

export function Why({ diagnosis }: { diagnosis: Diagnosis | null }) {
  const cause = causeOf(diagnosis)
  if (!cause) return null
  return (
    <details>
      <summary>
        {diagnosis?.verdict === 'certain' ? 'What is wrong' : 'What is most likely wrong'}
      </summary>
      <p>
        <strong>{cause.title}.</strong> {cause.explanation}
      </p>
    </details>
  )
}

/** Out of the popup, which has a sign-in to show. */
const Place = ({ url }: { url: string }) => (
  <p>
    <a href={url} target="_blank" rel="noreferrer">
      Open {new URL(url).hostname}
    </a>
  </p>
)
