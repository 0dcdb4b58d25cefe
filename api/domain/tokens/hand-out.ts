/** For mail workers: an access token that works, and everything a login needs beside it. */
import type { AccessToken } from '../../../schema/mail-account.ts'
import { mayReceiveToken } from '../../../schema/mail-servers.ts'
import { ok, type Result, refuse } from '../../result.ts'
import type { Call, Services } from '../../services.ts'
import type { HandOutRecord } from '../../store/hand-outs.ts'
import { withAppDiagnosis } from '../diagnosing/app-token.ts'
import { withDiagnosis } from '../diagnosing/grant.ts'
import { inactive } from '../integration/integration.ts'
import { loginIdentity, xoauth2 } from '../mail-accounts/login-identity.ts'
import { appTokenOf } from './app-token.ts'
import { tokenOf } from './refresh.ts'

/** `last_used` is written this rarely, so that a hand-out from cache writes nothing. */
const NOTE_USE_EVERY = 6 * 60 * 60_000

/** `known`: what was read of the account with the caller's key; left out, it is read here. */
export async function handOut(
  services: Services,
  call: Call,
  mailAccountId: string,
  rejectedExpiresAt: string | undefined,
  known?: HandOutRecord | null,
): Promise<Result<AccessToken>> {
  const mayHave = !call.limit || call.limit.mailAccountIds.includes(mailAccountId)
  const record = known === undefined ? await services.store.handOuts.read(mailAccountId) : known
  if (!record || !mayHave) return refuse('not_found', 'There is no such mail account.')
  const { account, integration } = record
  if (account.authentication === 'password') {
    return refuse('not_oauth', 'This account logs in with a password, so it has no access token.')
  }
  if (!integration.active) return inactive
  const cloud = account.authentication === 'oauth' ? record.held?.grant.cloud : integration.cloud
  if (cloud && !mayReceiveToken(account, cloud, services.settings.extraMailServers)) {
    return refuse(
      'mail_host_not_allowed',
      `A token may not be sent to ${account.host}:${account.port} (${account.security}). Save the account with a server of its Microsoft cloud.`,
    )
  }
  const rejected = rejectedExpiresAt === undefined ? null : new Date(rejectedExpiresAt)
  const token = await tokenFor(services, call, record, rejected)
  if (!token.ok) return token
  noteUse(services, call, record)
  const { accessToken, expiresAt } = token.value
  const identity = loginIdentity(account)
  return ok({
    access_token: accessToken,
    token_type: 'Bearer',
    expires_at: expiresAt.toISOString(),
    username: identity,
    mailbox: account.username,
    from: account.from ?? account.username,
    host: account.host,
    port: account.port,
    security: account.security,
    mechanism: 'XOAUTH2',
    xoauth2: xoauth2(identity, accessToken),
  })
}

/** Of the person's grant, or of the app itself. A refusal comes with its diagnosis. */
async function tokenFor(
  services: Services,
  call: Call,
  { account: { authentication, tenant }, held, appToken, integration }: HandOutRecord,
  rejected: Date | null,
): Promise<Result<{ accessToken: string; expiresAt: Date }>> {
  const { settings } = services
  if (authentication === 'app_only' && tenant !== null) {
    const wish = { tenant, held: appToken }
    const token = await appTokenOf(services, call, wish, integration, rejected)
    const app = { ...integration, tenant }
    return token.ok ? token : { ok: false, error: withAppDiagnosis(token.error, app, settings) }
  }
  if (!held) {
    return refuse(
      'reconnect_required',
      'The account has no grant any more. Get a new access token.',
    )
  }
  const token = await tokenOf(services, call, held, integration, rejected)
  return token.ok ? token : { ok: false, error: withDiagnosis(token.error, held.grant, settings) }
}

function noteUse(services: Services, call: Call, { held, lastUsedAt }: HandOutRecord): void {
  const now = services.now()
  if (!held || (lastUsedAt && now.getTime() - lastUsedAt.getTime() < NOTE_USE_EVERY)) return
  // Only a note for people: its failure must not cost the caller the token.
  call.defer(services.store.handOuts.noteUse(held.grant.id, now).catch(() => {}))
}
