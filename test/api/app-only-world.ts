/** A world for app-only accounts, whose mail servers judge tokens as the sandbox's servers do. */
import type { ProbeFailure, ProbeReport, ProbeRequest } from '../../schema/probe.ts'
import { probeFailure } from '../probe-failure.ts'
import { judgeImap, judgeSmtp, type MailWorld } from '../sandbox/mail/judge.ts'
import { cast } from '../sandbox/personas.ts'
import type { WorldOptions } from './harness.ts'
import { activeMailWorld, brand, department, passes } from './mail-world.ts'

const failed = (failure: Partial<ProbeFailure>) => ({
  outcome: 'failed' as const,
  mechanism: 'XOAUTH2',
  steps: [],
  failure: probeFailure(failure),
  duration_ms: 8,
})

/** Returns the checker's report of a login to one of the sandbox's servers. */
function probe(exchange: MailWorld, request: ProbeRequest): ProbeReport {
  const { protocol, identity, credential } = request
  if (credential.type !== 'oauth') return passes(request)
  const judge = protocol === 'imap' ? judgeImap : judgeSmtp
  switch (judge(exchange, identity, credential.access_token)) {
    case 'ok':
      return passes(request)
    case 'not_connected':
      return failed({
        step: 'mailbox',
        kind: 'not_connected',
        reply: 'BAD User is authenticated but not connected.',
      })
    default:
      return protocol === 'imap'
        ? failed({ reply: 'NO AUTHENTICATE failed.' })
        : failed({
            reply: '535 5.7.3 Authentication unsuccessful',
            smtp_code: 535,
            smtp_enhanced: '5.7.3',
          })
  }
}

export async function createAppOnlyWorld(options: WorldOptions = {}) {
  const world = await activeMailWorld({
    ...options,
    probe: (request) => {
      const { checkToken, exchange, now } = world.entra
      return probe({ people: cast, checkToken, exchange, now }, request)
    },
  })
  return {
    ...world,
    tokenRequests: () => world.entra.counts().token.client_credentials,
    async saveAccount(changes: object = {}) {
      const { id } = await world.save(appOnlyForm(changes))
      return { id, path: `/v1/mail-accounts/${id}/access-token` }
    },
  }
}

/** Creates such a world with a saved account. */
export async function appOnlyAccountWorld(options: WorldOptions = {}, changes: object = {}) {
  const world = await createAppOnlyWorld(options)
  return { world, ...(await world.saveAccount(changes)) }
}

export const appOnly = (tenant: string) => ({
  type: 'oauth',
  provider: 'microsoft',
  flow: 'app_only',
  tenant,
})

/** Input for a department's app-only account of the shared mailbox, with `changes` applied. */
export const appOnlyForm = (changes: object = {}) => ({
  owner: department,
  protocol: 'imap',
  username: 'support@contoso.test',
  authentication: appOnly('contoso.test'),
  ...changes,
})

export const smtpAppOnly = (changes: object = {}) =>
  appOnlyForm({ owner: brand, protocol: 'smtp', ...changes })
