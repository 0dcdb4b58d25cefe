/** "Validate Authentication": real logins with what the form holds. */
import { useRef, useState } from 'preact/hooks'
import type { Grant } from '../../../../schema/grant.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { get, post, problemOf } from '../../api.ts'
import { joined } from '../../ui/words.ts'
import { bodyOf } from './draft.ts'
import type { FormCore } from './form-core.ts'
import { authenticationOf } from './kinds.ts'
import {
  allFaults,
  currentLogin,
  showRefusedValidation,
  showValidation,
  tidy,
  verdictOf,
} from './state.ts'
import { outcomeWords } from './words.ts'

/** The API answers within this time. */
export const MAX_SECONDS = 20

/** State of a saved account and its grant, as last read. */
export type Facts = { account: MailAccount; grant: Grant | null }

export function useValidation({ options, latest, update, check }: FormCore) {
  const { saved } = options
  /** Servers of the running logins. */
  const [hosts, setHosts] = useState<readonly string[]>([])
  const [status, setStatus] = useState('')
  const [facts, setFacts] = useState<Facts | null>(
    saved && { account: saved.account, grant: options.grant },
  )
  const running = useRef<Promise<void> | null>(null)

  /** Logs in with each protocol of the form. Resolves to true if all of them work. */
  async function run(): Promise<boolean> {
    if (running.current === null) {
      if (!check(allFaults(latest(), saved?.account ?? null))) return false
      running.current = logIn().finally(() => {
        running.current = null
      })
    }
    await running.current
    const verdict = verdictOf(latest())
    // Moves the focus away from "Save", which would now save a login that does not work.
    if (verdict === 'failed') update((now) => ({ ...now, focus: { on: 'results' } }))
    return verdict === 'passed'
  }

  async function logIn(): Promise<void> {
    const { draft, grant, password } = latest()
    const protocols = draft.protocols
    const servers = protocols.map((protocol) => draft.servers[protocol].host.trim())
    setHosts(servers)
    setStatus(`Logging in to ${joined(servers)}. This takes ${MAX_SECONDS} seconds at most.`)
    const authentication = authenticationOf(tidy(draft), { grantId: grant?.id ?? null, password })
    const logInTo = async (protocol: Protocol): Promise<string> => {
      const login = currentLogin(latest(), protocol)
      const body = bodyOf(draft, protocol, authentication)
      try {
        const validation = await post<Validation>('/v1/validations', {
          ...body,
          ...(saved && { mail_account_id: saved.account.id }),
        })
        update((now) => showValidation(now, login, validation))
        return outcomeWords(validation)
      } catch (error) {
        const problem = problemOf(error)
        update((now) => showRefusedValidation(now, protocol, login, problem))
        return ''
      }
    }
    try {
      const results = await Promise.all(protocols.map(logInTo))
      setStatus(results.join(' '))
      if (saved) await readFacts(saved.account.id).catch(() => {})
    } finally {
      setHosts([])
    }
  }

  /** Reads the account again: the login may have shown that its access token stopped working, or works again. */
  async function readFacts(id: string): Promise<void> {
    const account = await get<MailAccount>(`/v1/mail-accounts/${id}`)
    const grant = account.grant ? await get<Grant>(`/v1/grants/${account.grant.id}`) : null
    setFacts({ account, grant })
    update((now) => (grant && now.grant?.id === grant.id ? { ...now, grant } : now))
  }

  return { run, hosts, status, facts }
}
