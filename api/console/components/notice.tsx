/** Notices: a title with a colour, and details. Some are the same on several pages. */
import type { ComponentChildren } from 'preact'
import type { Scope } from '../../../schema/api-key.ts'
import type { Problem } from '../api.ts'
import { may } from '../rights.ts'
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

/**
 * A save that was refused, since someone else saved first. The form has taken over the latest version around what was
 * typed. `title`: what was changed.
 */
export const SaveConflict = ({ title }: { title: string }) => (
  <Notice
    tone="ask"
    title={title}
    text="Your changes were not saved. The latest version is loaded, and what you typed is still there. Check the values, then save."
  />
)

/** Disables a form for a session without this scope. */
export const ScopeFieldset = (props: { scope: Scope; children: ComponentChildren }) =>
  may(props.scope) ? props.children : <fieldset disabled>{props.children}</fieldset>

/** Explains to a session without this scope what it cannot do. */
export const ScopeNotice = ({ scope, text }: { scope: Scope; text: string }) =>
  may(scope) ? null : <Notice tone="plain" title={text} />
