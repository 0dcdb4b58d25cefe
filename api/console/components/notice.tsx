/** Notices: a title with a colour, and details. */
import type { ComponentChildren } from 'preact'
import type { Problem } from '../api.ts'
import type { Tone } from '../ui/state.ts'

export const Notice = (props: { tone: Tone; title: string; children?: ComponentChildren }) => (
  <div class={`notice ${props.tone}`}>
    <strong>{props.title}</strong>
    {props.children}
  </div>
)

/** A problem, as the API describes it. */
export const ProblemNotice = ({ problem }: { problem: Problem }) => (
  <Notice tone="bad" title={problem.title}>
    <div>{problem.detail}</div>
  </Notice>
)

/** A problem that screen readers announce when it appears. */
export const ProblemAlert = (props: { problem: Problem | null; class?: string }) => (
  <div role="alert" class={props.class}>
    {props.problem && <ProblemNotice problem={props.problem} />}
  </div>
)
