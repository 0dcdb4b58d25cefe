/** Work that a button of the inbox starts, and a sentence about it. */
import { useState } from 'preact/hooks'
import { ApiError } from '../../api.ts'
import { useBusy } from '../../components/busy.ts'

export const problemWords = ({ title, detail }: ApiError['problem']) => `${title}. ${detail}`

/** Returns the work and its note: what is running, or why it has ended without a result. */
export function useTask(signal: AbortSignal) {
  const [busy, runBusy] = useBusy()
  const [note, setNote] = useState('')
  const run = (work: () => Promise<void>) =>
    runBusy(async () => {
      setNote('')
      try {
        await work()
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof ApiError)) throw error
        setNote(problemWords(error.problem))
      }
    })
  return { busy, note, setNote, run }
}
