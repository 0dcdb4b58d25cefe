/** Work that a button of the inbox starts, with a note about it. */
import { useState } from 'preact/hooks'
import { type Problem, problemOf } from '../../api.ts'
import { useAction } from '../../components/use-action.ts'

export const problemWords = ({ title, detail }: Problem) => `${title}. ${detail}`

/** Returns the work and its note: what is running, or why it has ended without a result. */
export function useTask(signal: AbortSignal) {
  const { busy, run: start } = useAction()
  const [note, setNote] = useState('')
  const run = (work: () => Promise<void>) =>
    start(async () => {
      setNote('')
      try {
        await work()
      } catch (error) {
        if (signal.aborted) return
        setNote(problemWords(problemOf(error)))
      }
    })
  return { busy, note, setNote, run }
}
