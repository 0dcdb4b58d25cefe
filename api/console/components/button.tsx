/** A button, which can show that its work is running. */
import type { ButtonHTMLAttributes } from 'preact'

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
