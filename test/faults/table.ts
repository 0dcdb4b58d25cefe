/** The table that the faults suite prints. */
import type { Kind } from './kinds.ts'

/** Failures shown per kind; the rest is only counted. */
const SHOWN = 5

/** Formats one line per kind with trials and failures, and below it the first of its failures. */
export function formatKinds(kinds: readonly Kind[]): string {
  const width = Math.max(20, ...kinds.map(({ name }) => name.length))
  const line = (name: string, trials: string | number, failures: string | number) =>
    `  ${name.padEnd(width)}  ${String(trials).padStart(7)}  ${String(failures).padStart(8)}`
  return [
    line('kind', 'trials', 'failures'),
    ...kinds.flatMap(({ name, trials, failures }) => [
      line(name, trials, failures.length),
      ...failures.slice(0, SHOWN).map((failure) => `    ${failure.replaceAll('\n', '\n    ')}`),
      ...(failures.length > SHOWN ? [`    and ${failures.length - SHOWN} more`] : []),
    ]),
  ].join('\n')
}
