/** "Validate Authentication": a real login with what the form holds. */
import { useState } from 'preact/hooks'
import type { Validation } from '../../../../schema/validation.ts'
import { ApiError, post } from '../../api.ts'
import type { FormCore } from './form-core.ts'
import { currentLogin, showRefusal, showValidation } from './state.ts'
import { outcomeWords } from './words.ts'

/** The API answers within this time. */
export const MOST_SECONDS = 20

export function useValidation({ options, state, update, readBody }: FormCore) {
  /** Server of the running login. */
  const [host, setHost] = useState<string | null>(null)
  const [status, setStatus] = useState('')
  const login = currentLogin(state)

  async function run(): Promise<void> {
    if (host !== null) return
    const body = readBody()
    if (body === null) return
    const { host: server = '' } = body
    setHost(server)
    setStatus(`Logging in to ${server}. This takes ${MOST_SECONDS} seconds at most.`)
    try {
      const id = options.saved?.account.id
      const input = { ...body, ...(id !== undefined && { mail_account_id: id }) }
      const validation = await post<Validation>('/v1/validations', input)
      setStatus(outcomeWords(validation))
      update((now) => showValidation(now, validation, login))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setStatus('')
      update((now) => showRefusal(now, 'validate', error.problem))
    } finally {
      setHost(null)
    }
  }

  return {
    run: () => void run(),
    host,
    status,
    isOutdated: state.validated !== null && state.validated.login !== login,
  }
}
