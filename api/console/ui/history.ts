/** Labels and sizes for the days of a history. Pure. */
import type { DayState, HistoryDay } from '../../../schema/history.ts'
import { count } from './phrase.ts'

/** A day of one account, or of all accounts: `waited` is then a number. */
export type Day = Pick<HistoryDay, 'date' | 'passed' | 'failed'> & {
  waited: boolean | number
}

export const stateNames: Record<DayState, string> = {
  worked: 'Worked',
  failed: 'Failed',
  waited: 'Waited for a person',
  not_checked: 'Not validated',
}

/** Returns the state that the bar of a day shows. If the day counts all accounts, those that waited do not hide the checks. */
export function stateOf({ passed, failed, waited }: Day): DayState {
  if (waited === true) return 'waited'
  if (failed > 0) return 'failed'
  if (passed > 0) return 'worked'
  return waited ? 'waited' : 'not_checked'
}

/** Returns the failed share of the checks in percent: at least a fifth, so that it is visible. */
export const failedShare = ({ passed, failed }: Day): number =>
  failed === 0 ? 0 : Math.max(20, Math.round((100 * failed) / (passed + failed)))

/** "23 of 24 validations passed", of those with a result. */
export function checksOf({ passed, failed }: Pick<Day, 'passed' | 'failed'>): string {
  const all = passed + failed
  return all === 0 ? 'No validations' : `${passed} of ${count(all, 'validation')} passed`
}

/** "Nov 26: Failed, 23 of 24 validations passed". */
export function describeDay(day: Day): string {
  const waiting = typeof day.waited === 'number' && day.waited > 0 ? `, ${day.waited} waited` : ''
  return `${dayName(day.date)}: ${stateNames[stateOf(day)]}, ${checksOf(day)}${waiting}`
}

/** Summarises several days. */
export function describeDays(days: readonly Day[]): string {
  const sum = (of: 'passed' | 'failed') => days.reduce((all, day) => all + day[of], 0)
  const waited = days.filter((day) => day.waited).length
  const checks = checksOf({ passed: sum('passed'), failed: sum('failed') })
  return waited === 0 ? checks : `${checks}; waited for a person on ${count(waited, 'day')}`
}

/** "30 days: 28 worked, 2 failed" */
export function describeStates(states: readonly DayState[]): string {
  const parts = (Object.keys(stateNames) as DayState[]).flatMap((state) => {
    const days = states.filter((each) => each === state).length
    return days > 0 ? [`${days} ${stateNames[state].toLowerCase()}`] : []
  })
  return `${states.length} days: ${parts.join(', ')}`
}

/** Returns the successive days with the same state as one run each. */
export function runsOf(states: readonly DayState[]) {
  const runs: { state: DayState; from: number; days: number }[] = []
  for (const [from, state] of states.entries()) {
    const last = runs.at(-1)
    if (last?.state === state) last.days += 1
    else runs.push({ state, from, days: 1 })
  }
  return runs
}

const names = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** "Nov 26" for `2026-11-26`. */
export const dayName = (date: string): string => names.format(new Date(date))
