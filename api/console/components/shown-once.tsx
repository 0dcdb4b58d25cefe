/** A secret that is shown only once. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Copyable } from './copyable.tsx'
import { useLeaveGuard } from './form.tsx'
import { Notice } from './notice.tsx'

type ShownOnceProps = {
  title: string
  secret: string
  /** Name of the secret within a sentence: "API key". */
  name: string
  children?: ComponentChildren
}

/** Warns before the page is left without a copy. */
export function ShownOnce({ title, secret, name, children }: ShownOnceProps) {
  const [isCopied, setCopied] = useState(false)
  const warning = `The ${name} has not been copied and will not be shown again. Leave this page?`
  useLeaveGuard(isCopied ? null : warning)
  return (
    <Notice tone="ask" title={title}>
      <p>Copy the {name} now: it is not shown again.</p>
      <Copyable text={secret} name={name} onCopy={() => setCopied(true)} />
      {children}
    </Notice>
  )
}

/** A status that replaces a form and takes the focus. */
export function FocusedStatus({ children }: { children: ComponentChildren }) {
  const status = useRef<HTMLDivElement>(null)
  useEffect(() => {
    status.current?.focus()
    window.scrollTo(0, 0)
  }, [])
  return (
    <div role="status" tabIndex={-1} ref={status}>
      {children}
    </div>
  )
}
