/** "Validate selected": saved accounts, a few at a time, each shown as soon as it is done. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { ProblemCode } from '../../../../schema/problem.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { ApiError, get, list, post, problemOf } from '../../api.ts'
import { type Busy, type ManyState, type Result, startOf, validateMany } from './validate-many.ts'

/** Problems of one account only, so the next one can still be tried. */
const SKIPPED_CODES: readonly (ProblemCode | undefined)[] = [
  'not_found',
  'password_required',
  'mail_host_not_allowed',
  'protocol_not_granted',
  'integration_inactive',
  'key_missing',
]

/** Validates a saved account. Throws ApiError for a problem that the next account would have as well. */
async function validateSaved(id: string): Promise<Result | Busy> {
  try {
    return (await post<Validation>(`/v1/mail-accounts/${id}/validate`)).outcome
  } catch (error) {
    const { code, detail } = problemOf(error)
    if (SKIPPED_CODES.includes(code)) return 'refused'
    // 429 and 503.
    const retryAfter = error instanceof ApiError ? error.retryAfter : null
    if (retryAfter !== null) return { retryAfter, reason: detail }
    throw error
  }
}

/** Waits for this time, or until the signal aborts. */
const wait = (seconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    setTimeout(resolve, seconds * 1000)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

export type ValidateMany = ReturnType<typeof useValidateMany>

/** Returns a run over several accounts. `onValidated` receives each account afterwards. Leaving the page stops it. */
export function useValidateMany(onValidated?: (account: MailAccount) => void) {
  /** Progress; null before the first run. */
  const [state, setState] = useState<ManyState | null>(null)
  const running = useRef(new AbortController())
  const stop = () => running.current.abort()
  useEffect(() => stop, [])

  async function validate(id: string): Promise<Result | Busy> {
    const result = await validateSaved(id)
    if (onValidated && typeof result === 'string' && result !== 'refused') {
      onValidated(await get<MailAccount>(`/v1/mail-accounts/${id}`))
    }
    return result
  }
  async function start(readIds: () => Promise<readonly string[]>): Promise<void> {
    if (state?.isRunning) return
    running.current = new AbortController()
    const { signal } = running.current
    setState(startOf([]))
    try {
      const ids = await readIds()
      await validateMany(ids, { validate, show: setState, wait, signal })
    } catch (error) {
      setState({ ...startOf([]), isRunning: false, refusal: problemOf(error).detail })
    }
  }
  return {
    state,
    stop,
    run: (ids: readonly string[]) => void start(async () => ids),
    /** Validates every account of a list, given by its path in the API. */
    runAll: (path: string) =>
      void start(async () => (await list<MailAccount>(path, Infinity)).map(({ id }) => id)),
  }
}
