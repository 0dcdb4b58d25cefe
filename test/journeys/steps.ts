/** A journey told step by step: a readable line for each, and an end at the first that is not so. */

class StepFailed extends Error {}

/** Ends the step that is running, with a sentence for a person. */
export function fail(sentence: string): never {
  throw new StepFailed(sentence)
}

/** Ends the step unless it is so. */
export function check(so: unknown, sentence: string): asserts so {
  if (!so) fail(sentence)
}

/** Waits until then, milliseconds since the epoch. */
export const until = (time: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, time - Date.now())))

export type Tell = (line: string) => void

/** Runs the steps in order. True when all were so. */
export async function runSteps(
  steps: readonly (readonly [title: string, run: () => Promise<string>])[],
  tell: Tell,
): Promise<boolean> {
  for (const [index, [title, run]] of steps.entries()) {
    const number = String(index + 1).padStart(2)
    try {
      tell(`ok   ${number}  ${title}: ${await run()}`)
    } catch (error) {
      const known = error instanceof StepFailed
      const detail = error instanceof Error ? error.message : String(error)
      tell(`FAIL ${number}  ${title}: ${detail}`)
      if (!known) tell(String(error instanceof Error ? (error.cause ?? error.stack) : error))
      return false
    }
  }
  return true
}
