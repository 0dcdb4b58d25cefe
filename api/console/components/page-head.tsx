/** The head of a page: title, purpose and actions. */
import type { ComponentChildren } from 'preact'

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
