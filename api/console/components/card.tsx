/** A named part of a page, in a frame of its own. */
import type { ComponentChildren } from 'preact'

export const Card = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <section class="card" aria-label={title}>
    <h2>{title}</h2>
    {children}
  </section>
)
