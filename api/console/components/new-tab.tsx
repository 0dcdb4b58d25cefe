/** A link that opens in a new tab, without a referrer. */
export const NewTab = (props: { href: string; text: string }) => (
  <a href={props.href} target="_blank" rel="noopener noreferrer">
    {props.text}
  </a>
)
