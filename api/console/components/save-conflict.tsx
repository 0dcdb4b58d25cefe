/** A save that was refused, since someone else saved first: offers the latest version, and keeps what was typed. */
import { Button } from './button.tsx'
import { Notice, ProblemNotice } from './notice.tsx'
import { useAction } from './use-action.ts'

export function SaveConflict(props: {
  title: string
  /** Loads the latest version, and removes this notice. Rejects with ApiError. */
  onLoad: () => Promise<void>
}) {
  const { title, onLoad } = props
  const { busy, problem, run } = useAction()
  return (
    <Notice tone="ask" title={title}>
      <div>Your changes were not saved. Load the latest version; what you typed stays.</div>
      <div class="row after">
        <Button busy={busy} onClick={() => run(onLoad)}>
          Load the latest version
        </Button>
      </div>
      {problem && <ProblemNotice problem={problem} />}
    </Notice>
  )
}

export const LatestLoaded = () => (
  <Notice
    tone="ask"
    title="The latest version is loaded"
    text="What you typed is still there. Check the values, then save."
  />
)
