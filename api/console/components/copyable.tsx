/** Something to take elsewhere: the text, and a button that copies it and says so. */
import { useEffect, useState } from 'preact/hooks'
import { Button } from './button.tsx'

/** Longer texts stand above the button instead of beside it. */
const LONG = 120
const SHOWN_MS = 2000

type CopyableProps = {
  text: string
  /** Name of the text, for screen readers: "Copy Redirect URI". */
  name: string
  /** The text is lines of code, which stay as they are. */
  lines?: boolean
  /** Is called after a copy by the button or by hand. */
  onCopy?: () => void
}

export function Copyable({ text, name, lines = false, onCopy = () => {} }: CopyableProps) {
  const [said, say] = useState('')
  useEffect(() => {
    if (said !== COPIED) return
    const timer = setTimeout(() => say(''), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [said])
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => {
        onCopy()
        say(COPIED)
      },
      () => say('Select the text and copy it by hand.'),
    )
  return (
    <div>
      <div class={lines || text.length > LONG ? 'copy long' : 'copy'}>
        {lines ? (
          <Lines text={text} name={name} onCopy={onCopy} />
        ) : (
          <span onCopy={onCopy}>{text}</span>
        )}
        <Button aria-label={`Copy ${name}`} onClick={copy}>
          Copy
        </Button>
      </div>
      <span role="status" class="small quiet">
        {said}
      </span>
    </div>
  )
}

const Lines = ({ text, name, onCopy }: { text: string; name: string; onCopy: () => void }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
  // biome-ignore lint/a11y/useAriaPropsSupportedByRole: what takes the focus must have a name
  <pre tabIndex={0} aria-label={name} onCopy={onCopy}>
    {text}
  </pre>
)

const COPIED = 'Copied'
