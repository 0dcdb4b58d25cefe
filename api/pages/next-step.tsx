/** A diagnosis for the person at the page: the next step, who takes it, and the cause on request. */
import type { PropsWithChildren } from 'hono/jsx'
import type { Diagnosis } from '../../schema/diagnosis.ts'
import type { Responsible } from '../../schema/responsible.ts'
import { APPROVAL } from '../paths.ts'
import { Copyable, English } from './layout.tsx'
import { stepText } from './sentences.ts'
import type { Texts } from './texts/en.ts'

type StepProps = PropsWithChildren<{ texts: Texts; text?: string; who?: string | undefined }>

export const Step = (props: StepProps) => (
  <section class="step">
    <h2>{props.texts.nextStep}</h2>
    {props.text && <p>{props.text}</p>}
    {props.children}
    {props.who && <p class="quiet">{props.who}</p>}
  </section>
)

/** Parties other than the reader, who can show them the page. */
const contactable: readonly (Responsible | undefined)[] = ['tenant_admin', 'app_owner', 'operator']

/** `adminLinks`: the links to send to an administrator, if one may help. */
export function NextStep(props: {
  texts: Texts
  diagnosis: Diagnosis | null
  adminLinks: readonly string[]
}) {
  const { texts, diagnosis, adminLinks } = props
  const cause = causeOf(diagnosis)
  const [fix] = cause?.fixes ?? []
  const sends = adminLinks.length > 0 && (!fix || cause?.responsible === 'tenant_admin')
  if (!sends && !fix) return null
  const who = cause && texts.whoActs[cause.responsible]
  const passesOn = !sends && contactable.includes(cause?.responsible)
  // With a link, either of two parties may act, so the text mentions both.
  const either = !sends && adminLinks.length > 0
  const translated = passesOn ? undefined : stepText(texts, cause?.cause)
  return (
    <>
      <Step texts={texts} who={passesOn || either ? undefined : who}>
        {passesOn && (
          <p>
            {who} {texts.showThem}
          </p>
        )}
        {!sends &&
          (translated ? <p>{translated}</p> : <English texts={texts}>{fix?.text}</English>)}
        <AdminLinks
          texts={texts}
          links={adminLinks}
          label={sends ? texts.sendLink : texts.sendLinkIfAsked}
        />
        {fix?.url && !adminLinks.includes(fix.url) && <FixLink texts={texts} url={fix.url} />}
      </Step>
      <CauseDetails texts={texts} diagnosis={diagnosis} />
    </>
  )
}

type LinksProps = { texts: Texts; links: readonly string[]; label: string }

/**
 * Renders the links for an administrator, and a link to the page that explains what they request. Renders nothing
 * without links.
 */
export const AdminLinks = ({ texts, links, label }: LinksProps) => (
  <>
    {links.map((link) => (
      <Copyable texts={texts} value={link} label={label} copy={texts.copyLink} rows={4} />
    ))}
    {links.length > 0 && (
      <p class="quiet">
        <a href={APPROVAL} target="_blank" rel="noreferrer">
          {texts.approval}
        </a>
      </p>
    )}
  </>
)

export const causeOf = (diagnosis: Diagnosis | null) =>
  diagnosis?.verdict === 'unknown' ? undefined : diagnosis?.candidates[0]

export function CauseDetails({ texts, diagnosis }: { texts: Texts; diagnosis: Diagnosis | null }) {
  const cause = causeOf(diagnosis)
  if (!cause) return null
  return (
    <details>
      <summary>
        {diagnosis?.verdict === 'certain' ? texts.whatIsWrong : texts.whatIsLikelyWrong}
      </summary>
      <English texts={texts}>
        <strong>{cause.title}.</strong> {cause.explanation}
      </English>
    </details>
  )
}

/** Opens a new tab, since the popup shows the sign-in. */
const FixLink = ({ texts, url }: { texts: Texts; url: string }) => (
  <p>
    <a href={url} target="_blank" rel="noreferrer">
      {texts.open(new URL(url).hostname)}
    </a>
  </p>
)
