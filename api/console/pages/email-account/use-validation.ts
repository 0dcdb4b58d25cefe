/** "Validate Authentication": real logins with what the form holds. */
import { useRef, useState } from 'preact/hooks'
import type { Grant } from '../../../../schema/grant.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { isMailProtocol, PROTOCOL_NAMES } from '../../../../schema/protocols.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { get, post, problemOf } from '../../api.ts'
import type { FormHandle } from '../../components/form.tsx'
import { joined } from '../../ui/phrase.ts'
import { authenticationOf } from './authentication-kinds.ts'
import { bodyOf, tidy } from './draft.ts'
import { outcomeLabel } from './labels.ts'
import {
  allErrors,
  atFields,
  credentialOf,
  currentLogin,
  type FormOptions,
  type FormValues,
  savedFor,
  showRefusedValidation,
  showValidation,
  verdictOf,
} from './state.ts'

/** The API responds within this time. */
export const MAX_SECONDS = 20

/** State of a saved account and its sign-in, as last read. */
export type Facts = { account: MailAccount; grant: Grant | null }

export function useValidation(
  form: FormHandle<FormValues>,
  { customer, saved, grant: savedGrant }: FormOptions,
) {
  const { latest, change } = form
  /** Servers of the running logins. */
  const [hosts, setHosts] = useState<readonly string[]>([])
  const [status, setStatus] = useState('')
  const [facts, setFacts] = useState<readonly Facts[]>(
    saved.map(({ account }) => ({ account, grant: savedGrant })),
  )
  const running = useRef<Promise<void> | null>(null)

  /** Logs in with each protocol of the form. Resolves to true if all of them work. */
  async function run(): Promise<boolean> {
    if (running.current === null) {
      change({ signInEnd: null })
      if (!form.showErrors(allErrors(latest(), saved))) return false
      running.current = logIn().finally(() => {
        running.current = null
      })
    }
    await running.current
    const verdict = verdictOf(latest())
    // Moves the focus away from "Save", which would now save a login that does not work, but not from typing.
    const isTyping = document.activeElement?.matches('input, select')
    if (verdict === 'failed' && !isTyping) form.focus('[data-focus=results]')
    return verdict === 'passed'
  }

  async function logIn(): Promise<void> {
    const draft = tidy(latest())
    const { protocols } = draft
    const servers = protocols.map((protocol) =>
      isMailProtocol(protocol) ? draft.servers[protocol].host : PROTOCOL_NAMES[protocol],
    )
    setHosts(servers)
    setStatus(`Logging in to ${joined(servers)}. This takes ${MAX_SECONDS} seconds at most.`)
    const authentication = authenticationOf(draft, credentialOf(latest()))
    const logInTo = async (protocol: Protocol): Promise<string> => {
      const login = currentLogin(latest(), protocol)
      const account = savedFor(saved, protocol)?.account
      const body = bodyOf(draft, protocol, authentication, account ? null : customer)
      try {
        const validation = await post<Validation>('/v1/validations', {
          ...body,
          ...(account && { mail_account_id: account.id }),
        })
        change((now) => showValidation(now, login, validation))
        return outcomeLabel(validation)
      } catch (error) {
        const problem = problemOf(error)
        const shown = form.addErrors(atFields(problem, protocol)) ? null : problem
        change((now) => showRefusedValidation(now, protocol, login, shown))
        return ''
      }
    }
    try {
      const results = await Promise.all(protocols.map(logInTo))
      setStatus(results.join(' '))
      await readFacts().catch(() => {})
    } finally {
      setHosts([])
    }
  }

  /** Reads the accounts again, since the login may have shown that their sign-in stopped working, or works again. */
  async function readFacts(): Promise<void> {
    const read = saved.map(async ({ account: { id } }) => {
      const account = await get<MailAccount>(`/v1/mail-accounts/${id}`)
      const grant = account.grant ? await get<Grant>(`/v1/grants/${account.grant.id}`) : null
      return { account, grant }
    })
    const found = await Promise.all(read)
    setFacts(found)
    const [{ grant = null } = {}] = found
    change((now) => (grant && now.grant?.id === grant.id ? { grant } : {}))
  }

  return { run, hosts, status, facts }
}
