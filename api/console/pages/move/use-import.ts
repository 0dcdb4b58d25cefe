/** The rows of an import and its progress. Refresh tokens stay out of what is rendered. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Problem, post } from '../../api.ts'
import { type ImportRow, type ImportSettings, importMany } from './import-many.ts'
import type { PastedRow } from './parse-rows.ts'

export type Import = ReturnType<typeof useImport>

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

export function useImport() {
  const [rows, setRows] = useState<readonly ImportRow[]>([])
  const [isRunning, setRunning] = useState(false)
  /** The problem that stopped it, which the other rows would have as well. */
  const [refusal, setRefusal] = useState<Problem | null>(null)
  const tokens = useRef(new Map<string, string>())
  const running = useRef(new AbortController())
  const stop = () => running.current.abort()
  useEffect(() => stop, [])

  const change = (id: string, changes: Partial<ImportRow>) => {
    if (changes.state === 'done') tokens.current.delete(id)
    setRows((before) => before.map((row) => (row.id === id ? { ...row, ...changes } : row)))
  }

  async function run(chosen: readonly ImportRow[]): Promise<void> {
    running.current = new AbortController()
    setRunning(true)
    setRefusal(null)
    const { signal } = running.current
    const refreshTokenOf = (id: string) => tokens.current.get(id) ?? ''
    const tools = { call: post, refreshTokenOf, pause, update: change, signal }
    setRefusal(await importMany(chosen, tools))
    setRunning(false)
  }

  return {
    rows,
    isRunning,
    refusal,
    stop,
    start(pasted: readonly PastedRow[], settings: ImportSettings) {
      const fresh = pasted.map(({ refreshToken, mailbox, delegate }): ImportRow => {
        const id = crypto.randomUUID()
        tokens.current.set(id, refreshToken)
        const none = { grant: null, accounts: [], problem: null }
        return { id, mailbox, delegate, settings, state: 'waiting', ...none }
      })
      setRows((before) => [...before, ...fresh])
      void run(fresh)
    },
    /** Imports the rows again that failed or were not tried. */
    retry: () => void run(rows.filter(({ state }) => state !== 'done')),
  }
}
