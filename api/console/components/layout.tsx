/** Parts of most pages: head, cards and badges. */
import type { ComponentChildren } from 'preact'
import type { Health } from '../../../schema/mail-account.ts'
import { healths, type Tone } from '../ui/state.ts'

/** The head of a page: title, purpose and actions. */
export const PageHead = (props: {
  title: string
  lead?: ComponentChildren
  /** Link to the page above this one. */
  back?: { href: string; text: string }
  /** Links and buttons. */
  children?: ComponentChildren
}) => (
  <>
    {props.back && (
      <a class="back" href={props.back.href}>
        {props.back.text}
      </a>
    )}
    <div class="head">
      <div>
        <h1>{props.title}</h1>
        {props.lead && <p>{props.lead}</p>}
      </div>
      {props.children && <div class="row">{props.children}</div>}
    </div>
  </>
)

/** A section of a page with a title and a frame. */
export const Card = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <section class="card" aria-label={title}>
    <h2>{title}</h2>
    {children}
  </section>
)

/** A name and its value, in a list with the class `facts`. */
export const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
)

/** A state in one or two words, in its colour. */
export const Badge = ({ tone, children }: { tone: Tone; children: ComponentChildren }) => (
  <span class={`badge ${tone}`}>{children}</span>
)

export function HealthBadge({ health }: { health: Health }) {
  const [tone, text] = healths[health]
  return <Badge tone={tone}>{text}</Badge>
}
