/** Cycles among imports, type imports included. */
import type { SourceFile } from './source-files.ts'

/**
 * Returns the shortest cycle through each unit that imports itself by way of others, as
 * `a -> b -> a`. `unitOf` returns the unit of a path, or null to leave the file out.
 */
export function findCycles(
  files: readonly SourceFile[],
  unitOf: (path: string) => string | null,
): string[] {
  const imports = new Map<string, Set<string>>()
  for (const file of files) {
    const from = unitOf(file.path)
    if (from === null) continue
    const targets = imports.get(from) ?? new Set()
    imports.set(from, targets)
    for (const { to, fromPackage } of file.imports) {
      const target = fromPackage ? null : unitOf(to)
      if (target !== null && target !== from) targets.add(target)
    }
  }
  return [...imports.keys()].flatMap((unit) => circleThrough(unit, imports) ?? [])
}

/** Searches breadth first for a way back to the unit. */
function circleThrough(unit: string, imports: ReadonlyMap<string, ReadonlySet<string>>) {
  const seen = new Set<string>()
  const queue = [[unit]]
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const target of imports.get(path.at(-1) ?? '') ?? []) {
      if (target === unit) return [...path, unit].join(' -> ')
      if (!seen.has(target)) queue.push([...path, target])
      seen.add(target)
    }
  }
  return null
}
