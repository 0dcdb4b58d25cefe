/**
 * The control login: a second login with a worthless token, after one that passed. A server that accepts
 * it checks no token, so that a passed login proves nothing. The verdict holds for the server until a
 * control login there is refused.
 */
import { encodeBase64Url } from '../../../schema/base64.ts'
import { DAY_MS } from '../../../schema/durations.ts'
import type { ProbeAnswer } from '../../checker-client.ts'
import type { ControlLogin } from '../../model/control-login.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import type { Call, Services } from '../../services.ts'

/** Failed logins may alarm those who watch the mail server. */
const PAUSE_MS = DAY_MS

/**
 * Returns whether a validation may try a control login. `requested`: the caller's wish. By default, people
 * try it at servers that only the settings vouch for; the schedule never does.
 */
export const mayTryControl = (
  { settings }: Services,
  { actor }: Call,
  { protocol, host, port, security }: MailAccountValues,
  requested: boolean | undefined,
): boolean =>
  actor.type !== 'system' &&
  (requested ??
    settings.extraMailServers.some(
      (extra) =>
        extra.protocol === protocol &&
        extra.host === host &&
        extra.port === port &&
        extra.security === security,
    ))

/** Tries a control login unless one is too recent. Returns the last one at this server, or null. */
export async function tryControl(
  { store, now }: Services,
  server: Pick<MailAccountValues, 'host' | 'port'>,
  last: ControlLogin | null,
  logIn: () => Promise<ProbeAnswer | null>,
): Promise<ControlLogin | null> {
  const triedAt = now()
  const since = new Date(triedAt.getTime() - PAUSE_MS)
  if (last && last.accepted !== true && last.triedAt > since) return last
  if (!(await store.controlLogins.claim(server, triedAt, since))) {
    return store.controlLogins.read(server)
  }
  const accepted = wasAccepted(await logIn())
  if (accepted === null) return { triedAt, accepted: last?.accepted ?? null }
  await store.controlLogins.record(server, accepted)
  return { triedAt, accepted }
}

/** Returns null for a login without a clear result. A mailbox that does not open is not a refusal. */
function wasAccepted(answer: ProbeAnswer | null): boolean | null {
  if (!answer?.ok) return null
  const { outcome, steps, failure } = answer.value
  const authenticate = steps.find(({ name }) => name === 'authenticate')
  if (outcome === 'passed' || authenticate?.outcome === 'passed') return true
  return failure?.step === 'authenticate' && failure.kind === 'rejected' ? false : null
}

/**
 * Returns a token that opens nothing: a JWT with another signature, so that a server that reads tokens
 * without verifying them is found, too; for an opaque token, random characters of the same length.
 */
export function worthlessToken(token: string, random: (n: number) => Uint8Array): string {
  const characters = (count: number) => encodeBase64Url(random(count)).slice(0, count)
  const [header, payload, signature] = token.split('.')
  return header && payload && signature
    ? `${header}.${payload}.${characters(signature.length)}`
    : characters(token.length)
}
