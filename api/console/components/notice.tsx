/** Notices: a title with a colour, and details. */
import type { ComponentChildren } from 'preact'
import type { Problem } from '../api.ts'
import type { Tone } from '../ui/state.ts'

type NoticeProps = {
  tone: Tone
  title: string
  text?: string | null | undefined
  /** Below the text. */
  children?: ComponentChildren
}

export const Notice = (props: NoticeProps) => (
  <div class={`notice ${props.tone}`}>
    <strong>{props.title}</strong>
    {props.text && <div>{props.text}</div>}
    {props.children}
  </div>
)

/** A problem, as the API describes it. */
export const ProblemNotice = ({ problem }: { problem: Problem }) => (
  <Notice tone="bad" title={problem.title} text={problem.detail} />
)

/** A problem that screen readers announce when it appears. */
export const ProblemAlert = (props: { problem: Problem | null; class?: string }) => (
  <div role="alert" class={props.class}>
    {props.problem && <ProblemNotice problem={props.problem} />}
  </div>
)
