/** "Validate selected": saved accounts, a few at a time, each shown as soon as it is done. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { ProblemCode } from '../../../../schema/problem.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { get, post, problemOf } from '../../api.ts'
import { type ManyState, type Result, validateMany } from './validate-many.ts'

/** Refusals of one account, after which the next one can still be tried. */
const OF_ONE: readonly (ProblemCode | undefined)[] = [
  'not_found',
  'password_required',
  'mail_host_not_allowed',
  'protocol_not_granted',
  'integration_inactive',
  'key_missing',
]

/** Validates a saved account. Throws ApiError for a refusal that the next account would get as well. */
export async function validateSaved(id: string): Promise<Result> {
  try {
    return (await post<Validation>(`/v1/mail-accounts/${id}/validate`)).outcome
  } catch (error) {
    if (OF_ONE.includes(problemOf(error).code)) return 'refused'
    throw error
  }
}

export type ValidateMany = {
  /** Progress; null before the first run. */
  state: ManyState | null
  run: (ids: readonly string[]) => void
  stop: () => void
}

/** Returns a run over several accounts. `onValidated` receives each account afterwards. Leaving the page stops it. */
export function useValidateMany(onValidated: (account: MailAccount) => void): ValidateMany {
  const [state, setState] = useState<ManyState | null>(null)
  const running = useRef(new AbortController())
  const stop = () => running.current.abort()
  useEffect(() => stop, [])

  async function validate(id: string): Promise<Result> {
    const result = await validateSaved(id)
    if (result !== 'refused') onValidated(await get<MailAccount>(`/v1/mail-accounts/${id}`))
    return result
  }
  return {
    state,
    stop,
    run(ids) {
      if (state?.isRunning) return
      running.current = new AbortController()
      void validateMany(ids, validate, setState, running.current.signal)
    },
  }
}
