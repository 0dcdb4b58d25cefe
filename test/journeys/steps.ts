/** Runs a journey step by step. Prints one line per step and stops at the first failure. */

class StepFailed extends Error {}

/** Fails the current step with a readable message. */
export function fail(message: string): never {
  throw new StepFailed(message)
}

/** Fails the current step unless the condition holds. */
export function check(condition: unknown, message: string): asserts condition {
  if (!condition) fail(message)
}

/** Waits until this time, milliseconds since the epoch. */
export const waitUntil = (time: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, time - Date.now())))

export type Print = (line: string) => void

/** Runs the steps in order. Returns true if all of them pass. */
export async function runSteps(
  steps: readonly (readonly [title: string, run: () => Promise<string>])[],
  print: Print,
): Promise<boolean> {
  for (const [index, [title, run]] of steps.entries()) {
    const number = String(index + 1).padStart(2)
    try {
      print(`ok   ${number}  ${title}: ${await run()}`)
    } catch (error) {
      const expected = error instanceof StepFailed
      const detail = error instanceof Error ? error.message : String(error)
      print(`FAIL ${number}  ${title}: ${detail}`)
      if (!expected) print(String(error instanceof Error ? (error.cause ?? error.stack) : error))
      return false
    }
  }
  return true
}
