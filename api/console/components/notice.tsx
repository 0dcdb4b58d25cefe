/** Notices: a title in a colour, with sentences about it. */
import type { ComponentChildren } from 'preact'
import type { Problem } from '../api.ts'
import type { Tone } from '../ui/tone.ts'

export const Notice = (props: { tone: Tone; title: string; children?: ComponentChildren }) => (
  <div class={`notice ${props.tone}`}>
    <strong>{props.title}</strong>
    {props.children}
  </div>
)

/** A refusal, in the words of the API. */
export const ProblemNotice = ({ problem }: { problem: Problem }) => (
  <Notice tone="bad" title={problem.title}>
    <div>{problem.detail}</div>
  </Notice>
)

/** The place of a refusal, which a screen reader reads out when it arrives. */
export const ProblemAlert = (props: { problem: Problem | null; class?: string }) => (
  <div role="alert" class={props.class}>
    {props.problem && <ProblemNotice problem={props.problem} />}
  </div>
)
