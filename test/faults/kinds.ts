/** Results of the faults suite. */
import { seed } from '../projects.ts'

/** `full` takes minutes; `small` takes seconds and covers every kind at least once. */
export type Size = 'small' | 'full'

/** One kind of fault or attack, with the number of times that it was tried. */
export type Kind = {
  name: string
  trials: number
  /** One sentence per failed trial, with what is required to reproduce it. */
  failures: string[]
}

export type Part = (size: Size) => Promise<Kind[]>

/** Seed of everything random in the suite, different for each commit. The runner prints it. */
export const SEED = seed

/** Counts trials and failures by kind, in the order in which the kinds first appear. */
export function createTally() {
  const kinds = new Map<string, Kind>()
  const kindOf = (name: string): Kind => {
    const kind = kinds.get(name) ?? { name, trials: 0, failures: [] }
    kinds.set(name, kind)
    return kind
  }
  return {
    /** Counts one trial with the failures that it found. An error thrown by it is a failure, too. */
    async trial(name: string, run: () => Promise<readonly string[]>): Promise<void> {
      const kind = kindOf(name)
      kind.trials += 1
      try {
        kind.failures.push(...(await run()))
      } catch (error) {
        kind.failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
      }
    },
    /** Counts several trials at once. */
    add(name: string, trials: number, failures: readonly string[]): void {
      const kind = kindOf(name)
      kind.trials += trials
      kind.failures.push(...failures)
    },
    kinds: (): Kind[] => [...kinds.values()],
  }
}
