/** A collapsed part of a page, which is rendered, and loads its data, when it is opened. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

export function Disclosure(props: { title: ComponentChildren; children: ComponentChildren }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{props.title}</summary>
      {isOpen && props.children}
    </details>
  )
}
