/** A part of a page that begins when it is opened, so that it loads nothing before. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

export function Disclosure(props: { title: string; class?: string; children: ComponentChildren }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details class={props.class} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{props.title}</summary>
      {isOpen && props.children}
    </details>
  )
}
