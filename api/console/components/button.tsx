/** Buttons and links. */
import type { ButtonHTMLAttributes } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  /** True while the work that the button started is running: it keeps the focus, and ignores clicks. */
  busy?: boolean
}

export const Button = ({ busy = false, onClick, ...attributes }: ButtonProps) => (
  <button
    type="button"
    aria-busy={busy || undefined}
    aria-disabled={busy || undefined}
    onClick={busy ? undefined : onClick}
    {...attributes}
  />
)

/** A link that opens in a new tab, without a referrer. */
export const NewTab = (props: { href: string; text: string }) => (
  <a href={props.href} target="_blank" rel="noopener noreferrer">
    {props.text}
  </a>
)

/** A button that saves a text as a file. */
export function Download({ text, file, label }: { text: string; file: string; label: string }) {
  const url = useMemo(
    () => URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' })),
    [text],
  )
  useEffect(() => () => URL.revokeObjectURL(url), [url])
  return (
    <a class="button" href={url} download={file}>
      {label}
    </a>
  )
}
