/** A text with a button that copies it. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button } from './button.tsx'

/** Length from which a text is above its button, not beside it; characters. */
const LONG_LENGTH = 120
const STATUS_MS = 2000

type CopyableProps = {
  text: string
  /** Name of the text, for screen readers: "Copy Redirect URI". */
  name: string
  /** The text is code, whose line breaks are kept. */
  lines?: boolean
  /** Called after a copy by the button or by hand. */
  onCopy?: () => void
  /** Buttons beside the one that copies. */
  children?: ComponentChildren
}

/** Returns the function that copies the text, and a message about the result. */
export function useCopy(text: string, onCopy = () => {}) {
  const [status, setStatus] = useState('')
  useEffect(() => {
    if (status !== COPIED) return
    const timer = setTimeout(() => setStatus(''), STATUS_MS)
    return () => clearTimeout(timer)
  }, [status])
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => {
        onCopy()
        setStatus(COPIED)
      },
      () => setStatus(BY_HAND),
    )
  return { status, isRefused: status === BY_HAND, copy }
}

export function Copyable({
  text,
  name,
  lines = false,
  onCopy = () => {},
  children,
}: CopyableProps) {
  const { status, copy } = useCopy(text, onCopy)
  return (
    <div>
      <div class={lines || text.length > LONG_LENGTH ? 'copy long' : 'copy'}>
        {lines ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
          // biome-ignore lint/a11y/useAriaPropsSupportedByRole: what takes the focus must have a name
          <pre tabIndex={0} aria-label={name} onCopy={onCopy}>
            {text}
          </pre>
        ) : (
          <span onCopy={onCopy}>{text}</span>
        )}
        <div class="row">
          <Button aria-label={`Copy ${name}`} onClick={copy}>
            Copy
          </Button>
          {children}
        </div>
      </div>
      <span role="status" class="small quiet">
        {status}
      </span>
    </div>
  )
}

const COPIED = 'Copied'
const BY_HAND = 'Select the text and copy it by hand.'
