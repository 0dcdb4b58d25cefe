/** A section of a page with a title and a frame. */
import type { ComponentChildren } from 'preact'

export const Card = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <section class="card" aria-label={title}>
    <h2>{title}</h2>
    {children}
  </section>
)
