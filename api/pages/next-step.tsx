/** A diagnosis for the person at the page: the next step, who takes it, and the cause on request. */
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

/** Parties other than the reader, who can show them the page. */
const contactable: readonly (Responsible | undefined)[] = ['tenant_admin', 'app_owner', 'operator']

/** `adminLink`: the link to send to an administrator, if one may help. */
export function NextStep(props: { diagnosis: Diagnosis | null; adminLink: string | null }) {
  const { diagnosis, adminLink } = props
  const cause = causeOf(diagnosis)
  const [fix] = cause?.fixes ?? []
  const sends = adminLink !== null && (!fix || cause?.responsible === 'tenant_admin')
  if (!sends && !fix) return null
  const who = cause && whoActs[cause.responsible]
  const passesOn = !sends && contactable.includes(cause?.responsible)
  // With the link, either of two parties may act, and the text names both.
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
        {fix?.url && fix.url !== adminLink && <FixLink url={fix.url} />}
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

/** Opens a new tab, since the popup shows the sign-in. */
const FixLink = ({ url }: { url: string }) => (
  <p>
    <a href={url} target="_blank" rel="noreferrer">
      Open {new URL(url).hostname}
    </a>
  </p>
)
