/** Something to take elsewhere: the text, and a button that copies it and says so. */
import { useEffect, useState } from 'preact/hooks'
import { Button } from './button.tsx'

/** Longer texts stand above the button instead of beside it. */
const LONG = 120
const SHOWN_MS = 2000

type CopyableProps = {
  text: string
  /** What is copied, for screen readers: "Copy Redirect URI". */
  name: string
  /** Is called after a copy by the button or by hand. */
  onCopy?: () => void
}

export function Copyable({ text, name, onCopy = () => {} }: CopyableProps) {
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
      <div class={text.length > LONG ? 'copy long' : 'copy'}>
        <span onCopy={onCopy}>{text}</span>
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

const COPIED = 'Copied'
