/** Three-way merge of form values: stored, typed and newer. Pure. */

type Merged<Values> = { values: Values; kept: (keyof Values & string)[] }

const namesOf = <Values extends object>(values: Values) =>
  Object.keys(values) as (keyof Values & string)[]

/** Compares plain data whose members have the same order. */
const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

export const sameValues = <Values extends object>(a: Values, b: Values): boolean =>
  namesOf(a).every((name) => isSame(a[name], b[name]))

/**
 * Keeps what was typed where it differs from `base`, the values that the form began with; all else becomes
 * the newer. `kept` are the fields that were changed on both sides, to different values.
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
    values[name] = typed[name]
    if (!isSame(newer[name], base[name]) && !isSame(newer[name], typed[name])) kept.push(name)
  }
  return { values, kept }
}
