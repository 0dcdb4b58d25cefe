/** Work that a button starts. */
import { useState } from 'preact/hooks'
import { type Problem, problemOf } from '../api.ts'

export type Action<Name = true> = ReturnType<typeof useAction<Name>>

/**
 * Returns what is running, the refusal that ended the last work, and a function that starts work unless some is
 * running. If several buttons share it, each passes the name of its work.
 */
export function useAction<Name = true>() {
  const [running, setRunning] = useState<Name | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  async function run(work: () => Promise<unknown>, name = true as Name): Promise<void> {
    if (running !== null) return
    setRunning(name)
    setProblem(null)
    try {
      await work()
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setRunning(null)
    }
  }
  return { busy: running !== null, running, problem, setProblem, run }
}
