/** The lines of the inbox, and the results of their steps on this visit. Pure. */
import type { MailAccountSummary } from '../../../../schema/mail-account.ts'
import type { StateProblem } from '../../../../schema/problem.ts'
import { attentionLabel, type Line, neededOf } from './urgency.ts'

/**
 * Result of a line on this visit. `refused`: a sign-in has failed. `unclear`: it succeeded, but no
 * login could be tried.
 */
export type Result =
  | { kind: 'works' }
  | { kind: 'refused' | 'unclear'; problem: StateProblem }
  /** `problem`: problem of the sign-in before. */
  | { kind: 'running'; problem?: StateProblem | undefined }

/** Returns the problem of the last step, which the accounts do not show. */
export const problemOf = (result: Result | undefined): StateProblem | undefined =>
  result && 'problem' in result ? result.problem : undefined

export type Inbox = {
  lines: readonly Line[]
  /** Results by mailbox. */
  results: ReadonlyMap<string, Result>
}

/**
 * Merges fresh lines into the inbox. A mailbox that works again keeps its line and its place, so that people see it,
 * until it has another problem.
 */
export function showFresh({ lines: shown, results: before }: Inbox, fresh: readonly Line[]): Inbox {
  const isListed = (mailbox: string) => fresh.some((line) => line.mailbox === mailbox)
  const results = new Map(
    [...before].filter(
      ([mailbox, { kind }]) => kind === 'running' || isListed(mailbox) === (kind === 'refused'),
    ),
  )
  const lines = [...fresh]
  for (const [index, line] of shown.entries()) {
    if (!isListed(line.mailbox) && results.has(line.mailbox)) lines.splice(index, 0, line)
  }
  return { lines, results }
}

export const showRunning = ({ lines, results }: Inbox, mailbox: string): Inbox => {
  const problem = problemOf(results.get(mailbox))
  return { lines, results: new Map(results).set(mailbox, { kind: 'running', problem }) }
}

/** Shows the result of a step that was running. Null leaves the problem of the step before. */
export function showResult(
  { lines, results: before }: Inbox,
  mailbox: string,
  result: Result | null,
): Inbox {
  const results = new Map(before)
  const problem = problemOf(before.get(mailbox))
  results.delete(mailbox)
  if (result) results.set(mailbox, result)
  else if (problem) results.set(mailbox, { kind: 'refused', problem })
  return { lines, results }
}

/** Returns how much needs attention, or undefined if nothing does. */
export function leadOf(
  { lines, results }: Inbox,
  summary: Pick<MailAccountSummary, 'mailboxes'>,
): string | undefined {
  const open = lines.filter(({ mailbox }) => results.get(mailbox)?.kind !== 'works')
  if (open.length === 0) return undefined
  return attentionLabel(Math.max(open.length, neededOf(summary)))
}
