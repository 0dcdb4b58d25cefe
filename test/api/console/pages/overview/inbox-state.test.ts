import { describe, expect, it } from 'vitest'
import {
  leadOf,
  problemOf,
  type Result,
  showFresh,
  showResult,
  showRunning,
} from '../../../../../api/console/pages/overview/inbox-state.ts'
import type { Line } from '../../../../../api/console/pages/overview/urgency.ts'
import type { StateProblem } from '../../../../../schema/problem.ts'

const lines = (...names: string[]) => names.map((mailbox) => ({ mailbox }) as Line)
const problem: StateProblem = { code: 'sign_in_refused', detail: 'Refused.' }
const works: Result = { kind: 'works' }
const refused: Result = { kind: 'refused', problem }
const unclear: Result = { kind: 'unclear', problem }

function inboxWith(results: Record<string, Result>, ...names: string[]) {
  return { lines: lines(...names), results: new Map(Object.entries(results)) }
}
const namesOf = (inbox: { lines: readonly { mailbox: string }[] }) =>
  inbox.lines.map(({ mailbox }) => mailbox)

describe('what was read again', () => {
  it('leaves a mailbox that works now in its place', () => {
    const inbox = showFresh(inboxWith({ b: works }, 'a', 'b', 'c'), lines('a', 'c'))
    expect(namesOf(inbox)).toEqual(['a', 'b', 'c'])
    expect(inbox.results.get('b')).toEqual(works)
  })

  it('leaves a mailbox whose login could not be tried', () => {
    const inbox = showFresh(inboxWith({ a: unclear }, 'a'), [])
    expect(namesOf(inbox)).toEqual(['a'])
  })

  it('counts against "works": no line says both', () => {
    const inbox = showFresh(inboxWith({ a: works }, 'a'), lines('a'))
    expect(inbox.results.get('a')).toBeUndefined()
  })

  it('drops a refused sign-in once the mailbox works, and not before', () => {
    const inbox = inboxWith({ a: refused, b: refused }, 'a', 'b')
    const fresh = showFresh(inbox, lines('b'))
    expect(namesOf(fresh)).toEqual(['b'])
    expect([...fresh.results]).toEqual([['b', refused]])
  })

  it('drops a line that was mended elsewhere', () => {
    expect(namesOf(showFresh(inboxWith({}, 'a', 'b'), lines('b')))).toEqual(['b'])
  })
})

describe('a step that is running', () => {
  it('keeps its line, although the accounts need nothing any more', () => {
    const inbox = showRunning(inboxWith({}, 'a'), 'a')
    expect(namesOf(showFresh(inbox, []))).toEqual(['a'])
  })

  it('ends with a result, or without one', () => {
    const inbox = showRunning(inboxWith({}, 'a'), 'a')
    expect(showResult(inbox, 'a', works).results.get('a')).toEqual(works)
    expect(showResult(inbox, 'a', null).results.size).toBe(0)
  })

  it('shows what was wrong before, also if it is stopped', () => {
    const inbox = showRunning(inboxWith({ a: refused }, 'a'), 'a')
    expect(problemOf(inbox.results.get('a'))).toEqual(problem)
    expect(showResult(inbox, 'a', null).results.get('a')).toEqual(refused)
  })
})

describe('the number of mailboxes that need attention', () => {
  const health = {
    ok: 0,
    unverified: 0,
    failing: 0,
    cooling_down: 0,
    reconnect_required: 0,
    blocked: 0,
    inactive: 0,
  }
  const needed = (failing: number) => ({
    mailboxes: { total: 500, health: { ...health, failing } },
  })
  const shown = (...names: string[]) => ({
    lines: lines(...names),
    results: new Map([['done', works]]),
  })

  it('is said in words, without those that work now', () => {
    const summary = needed(1)
    expect(leadOf(shown('a', 'done'), summary)).toBe('1 mailbox needs attention.')
    expect(leadOf(shown('a', 'b'), summary)).toBe('2 mailboxes need attention.')
    expect(leadOf(shown('done'), summary)).toBeUndefined()
  })

  it('is that of the summary where not all are known', () => {
    expect(leadOf(shown('a', 'b'), needed(300))).toBe('300 mailboxes need attention.')
  })
})
