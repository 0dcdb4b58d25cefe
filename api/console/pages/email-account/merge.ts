/** Somebody else has saved: what was typed stays, all else becomes the newer. Pure. */
import type { Draft } from './draft.ts'

export type Merged = { draft: Draft; kept: (keyof Draft)[] }

const set = <Name extends keyof Draft>(draft: Draft, name: Name, value: Draft[Name]) => {
  draft[name] = value
}

/** `kept` are the fields that both have changed, to different values. `base`: what both began with. */
export function mergeDrafts(base: Draft, typed: Draft, newer: Draft): Merged {
  const draft = { ...newer }
  const kept: (keyof Draft)[] = []
  for (const name of Object.keys(base) as (keyof Draft)[]) {
    if (typed[name] === base[name]) continue
    set(draft, name, typed[name])
    if (newer[name] !== base[name] && newer[name] !== typed[name]) kept.push(name)
  }
  return { draft, kept }
}
