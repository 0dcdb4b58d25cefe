/** A save that was refused, since someone else saved first: offers the latest version, and keeps what was typed. */
import type { ComponentChildren } from 'preact'
import { Button } from './button.tsx'
import { Notice, ProblemNotice } from './notice.tsx'
import { useAction } from './use-action.ts'

export function SaveConflict(props: {
  title: string
  children: ComponentChildren
  /** Loads the latest version, and removes this notice. Rejects with ApiError. */
  onLoad: () => Promise<void>
}) {
  const { title, children, onLoad } = props
  const { busy, problem, run } = useAction()
  return (
    <Notice tone="ask" title={title}>
      {children}
      <div class="row after">
        <Button busy={busy} onClick={() => run(onLoad)}>
          Load the latest version
        </Button>
      </div>
      {problem && <ProblemNotice problem={problem} />}
    </Notice>
  )
}

/** `kept`: fields that both sides changed, with the newer value that a save would replace. */
export const LatestLoaded = ({ kept }: { kept: readonly { label: string; newer: string }[] }) => (
  <Notice tone="ask" title="The latest version is loaded">
    <div>
      {kept.length === 0
        ? 'Check the values, then save.'
        : 'What you typed is still there. Saving it replaces these newer values:'}
    </div>
    {kept.length > 0 && (
      <ul>
        {kept.map(({ label, newer }) => (
          <li key={label}>
            {label}: <code>{newer || 'none'}</code>
          </li>
        ))}
      </ul>
    )}
  </Notice>
)
