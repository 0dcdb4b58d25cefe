/** A save that came second: what was typed stays, and the newer values can be loaded. */
import type { ComponentChildren } from 'preact'
import { Button } from './button.tsx'
import { Notice, ProblemNotice } from './notice.tsx'
import { useAction } from './use-action.ts'

export function Overtaken(props: {
  title: string
  children: ComponentChildren
  /** Loads the newer values, and takes this notice away. Rejects with ApiError. */
  onLoad: () => Promise<void>
}) {
  const { title, children, onLoad } = props
  const { busy, problem, run } = useAction()
  return (
    <Notice tone="ask" title={title}>
      {children}
      <div class="row after">
        <Button busy={busy} onClick={() => run(onLoad)}>
          Load the newer values
        </Button>
      </div>
      {problem && <ProblemNotice problem={problem} />}
    </Notice>
  )
}

/** `kept`: fields that both sides changed, each with the newer value that a save would replace. */
export const NewerLoaded = ({ kept }: { kept: readonly { label: string; newer: string }[] }) => (
  <Notice tone="ask" title="The newer values are loaded">
    <div>
      {kept.length === 0
        ? 'Look them over, then save.'
        : 'What you typed was kept. Save to replace what somebody else has saved:'}
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
