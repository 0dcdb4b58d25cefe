/** A save that was refused, since someone else saved first. */
import { Notice } from './notice.tsx'

/** `title`: what was changed. The form has taken over the latest version around what was typed. */
export const SaveConflict = ({ title }: { title: string }) => (
  <Notice
    tone="ask"
    title={title}
    text="Your changes were not saved. The latest version is loaded, and what you typed is still there. Check the values, then save."
  />
)
