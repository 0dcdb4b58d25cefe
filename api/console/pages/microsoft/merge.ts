/** Newer values meet what was typed: nothing typed is lost, and nothing newer is hidden. Pure. */

/** The settings that are edited as text. */
export type Values = { client_id: string; cloud: string; tenant: string; home_tenant: string }

export type Merged = { values: Values; kept: (keyof Values)[] }

export const sameValues = (a: Values, b: Values) =>
  (Object.keys(a) as (keyof Values)[]).every((name) => a[name] === b[name])

/**
 * What was typed stays where it differs from `base`, the values that the form began with; all else
 * becomes the newer. `kept` are the fields that were changed on both sides, to different values.
 */
export function mergeValues(base: Values, typed: Values, newer: Values): Merged {
  const values = { ...newer }
  const kept: (keyof Values)[] = []
  for (const name of Object.keys(base) as (keyof Values)[]) {
    if (typed[name] === base[name]) continue
    values[name] = typed[name]
    if (newer[name] !== base[name] && newer[name] !== typed[name]) kept.push(name)
  }
  return { values, kept }
}
