/** State of a form: what is typed beside what is stored, and what is wrong with it. Pure. */
import type { Problem } from '../api.ts'
import { capitalised } from './phrase.ts'

/** Messages for the fields of a form, by the JSON pointer that the API uses for each. */
export type Errors = Readonly<Record<string, string>>

export type FormState<Values> = {
  values: Values
  /** The values that a save replaces. A member that is missing here belongs to the form alone. */
  stored: Partial<Values>
  errors: Errors
}

/** The value behind each error that a form can show, by JSON pointer. */
export type Shown = Readonly<Record<string, unknown>>

type Merged<Values> = { values: Values; kept: (keyof Values & string)[] }

const namesOf = <Values extends object>(values: Values) =>
  Object.keys(values) as (keyof Values & string)[]

/** Compares plain data whose members have the same order. */
const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

export const sameValues = <Values extends object>(a: Values, b: Values): boolean =>
  namesOf(a).every((name) => isSame(a[name], b[name]))

/** Makes the changes from `base` to `typed` in a newer list. All else becomes what was typed. */
const mergeValue = <Value>(base: Value, typed: Value, newer: Value): Value => {
  if (!Array.isArray(base) || !Array.isArray(typed) || !Array.isArray(newer)) return typed
  const kept = newer.filter((item) => typed.includes(item) || !base.includes(item))
  return [...new Set([...kept, ...typed.filter((item) => !base.includes(item))])] as Value
}

/**
 * Keeps what was typed where it differs from `base`, the values that the form began with; all else becomes
 * the newer. In lists, the changes of both sides are made. `kept` are the fields that were changed on both sides, to
 * different values.
 */
export function mergeValues<Values extends object>(
  base: Values,
  typed: Values,
  newer: Values,
): Merged<Values> {
  const values = { ...newer }
  const kept: Merged<Values>['kept'] = []
  for (const name of namesOf(base)) {
    if (isSame(typed[name], base[name])) continue
    values[name] = mergeValue(base[name], typed[name], newer[name])
    if (!isSame(newer[name], base[name]) && !isSame(newer[name], typed[name])) kept.push(name)
  }
  return { values, kept }
}

/** Changes values. The errors about values that change go. */
export function withValues<Values>(
  state: FormState<Values>,
  changes: Partial<Values>,
  shownOf: (values: Values) => Shown,
): FormState<Values> {
  const values = { ...state.values, ...changes }
  const [before, after] = [shownOf(state.values), shownOf(values)]
  const errors = Object.entries(state.errors).filter(([at]) => isSame(before[at], after[at]))
  return { ...state, values, errors: Object.fromEntries(errors) }
}

/** Returns the errors of a refusal that the form can show. `isWhole`: they explain all of it. */
export function errorsOf({ errors = [] }: Problem, shown: Shown) {
  const known = errors.filter(({ pointer }) => pointer in shown)
  return {
    errors: Object.fromEntries(
      known.map(({ pointer, message }) => [pointer, capitalised(message)]),
    ) as Errors,
    isWhole: errors.length > 0 && known.length === errors.length,
  }
}
