/** Sentences about how something went. */
import type { ComponentChildren } from 'preact'
import type { Problem } from '../../../schema/problem.ts'
import type { Tone } from '../ui/tone.ts'

export const Notice = (props: { tone: Tone; title: string; children?: ComponentChildren }) => (
  <div class={`notice ${props.tone}`}>
    <strong>{props.title}</strong>
    {props.children}
  </div>
)

/** A refusal in the API's own words. */
export const ProblemNotice = ({ problem }: { problem: Pick<Problem, 'title' | 'detail'> }) => (
  <Notice tone="bad" title={problem.title}>
    <div>{problem.detail}</div>
  </Notice>
)
