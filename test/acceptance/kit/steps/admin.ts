/** The changes that an administrator makes for the app: approval, Exchange, and other credentials. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { APP_NAME } from '../changes.ts'
import { fail, type Kit } from '../context.ts'
import { viewImap } from '../mail-dialogue.ts'
import { errorOf, imapOutcome, member, readJwt, refusalOf, yes } from '../responses.ts'
import { PROBE, send } from '../send-mail.ts'
import type { Step } from './step.ts'

const MICROSOFT = '/v1/integrations/microsoft'
const SETTINGS = `${MICROSOFT}/settings`

/** Opens an approval link for Outlook. Returns the redirect. */
async function approve(kit: Kit, flow: 'delegated' | 'app_only', press: 'accept' | 'cancel') {
  const [, tenant = ''] = (await kit.addressOf('work')).split('@')
  const created = await kit.api.expect(201, 'POST', `${MICROSOFT}/admin-consent`, { tenant, flow })
  const before = kit.recorder.callbacks.length
  await kit.person.ask({ do: 'open', url: String(created.url), as: 'admin', press })
  return kit.recorder.callbacks.length > before ? kit.recorder.callbacks.at(-1)?.url : undefined
}

const approval: Step = {
  id: 'approval',
  title: 'Refuse and approve the app for the tenant',
  needs: ['work', 'admin'],
  checks: ['admin-consent-refused', 'admin-consent-response', 'admin-consent-default'],
  async run(kit) {
    const { observe } = kit
    await kit.change('approval')
    const refused = (await approve(kit, 'app_only', 'cancel'))?.searchParams
    const seen = `${refused?.get('error') ? 'error' : 'no error'}, admin_consent ${refused?.get('admin_consent') ?? 'missing'}`
    observe('admin-consent-refused', 'error, admin_consent True', seen.slice(0, 60))
    const query = (await approve(kit, 'app_only', 'accept'))?.searchParams
    const isApproved =
      query?.get('admin_consent')?.toLowerCase() === 'true' &&
      /^[0-9a-f-]{36}$/i.test(query.get('tenant') ?? '') &&
      query.get('code') === null
    observe('admin-consent-response', 'yes', yes(isApproved))
    const token = await kit.repeat(await kit.appRequest(), {
      scope: 'https://outlook.office365.com/.default',
    })
    const { roles } = readJwt(member(token, 'access_token'))?.claims ?? {}
    observe(
      'admin-consent-default',
      'yes',
      yes(Array.isArray(roles) && roles.includes('IMAP.AccessAsApp')),
    )
  },
}

const exchange: Step = {
  id: 'app-in-exchange',
  title: 'Let the app itself open a mailbox',
  needs: ['work', 'admin'],
  checks: [
    'app-not-in-exchange',
    'app-without-mailbox',
    'app-full-access',
    'rbac-is-not-in-the-token',
  ],
  async run(kit) {
    const { observe, target, recorder } = kit
    const mailbox = await kit.addressOf('work')
    const request = await kit.appRequest()
    const look = async () => {
      const response = await kit.repeat(request, {
        scope: 'https://outlook.office365.com/.default',
      })
      const login = { user: mailbox, token: member(response, 'access_token') }
      return imapOutcome(await viewImap(target.imap, login, recorder, target.dial))
    }
    observe('app-not-in-exchange', 'NO AUTHENTICATE failed', await look())
    await kit.change('exchange-app')
    observe('app-without-mailbox', 'not connected', await kit.until('not connected', look))
    await kit.change('mailbox-permission', { mailbox })
    observe('app-full-access', 'opened', await kit.until('opened', look))
    await kit.undo('mailbox-permission')
    await kit.change('sending-role', { mailbox })
    const expected = `no role, ${PROBE}`
    const byRole = async () => {
      const response = await kit.repeat(request, { scope: 'https://graph.microsoft.com/.default' })
      const token = member(response, 'access_token')
      const { roles } = readJwt(token)?.claims ?? {}
      const isListed = Array.isArray(roles) && roles.includes('Mail.Send')
      const probe = await send(kit, { path: `/users/${encodeURIComponent(mailbox)}`, token })
      return `${isListed ? 'the role' : 'no role'}, ${errorOf(probe)}`
    }
    observe('rbac-is-not-in-the-token', expected, await kit.until(expected, byRole))
    await kit.undo('sending-role')
    await kit.undo('exchange-app')
  },
}

/** Stores the next credential, has it entered at Microsoft, and verifies it. Returns the outcome. */
async function verifyNext(kit: Kit, type: 'certificate' | 'federated') {
  await kit.api.expect(200, 'PUT', `${SETTINGS}/next-credential`, { type })
  const settings = await kit.api.expect(200, 'GET', SETTINGS)
  const next = settings.next_credential as { certificate?: string } | null
  const { issuer = '', subject = '' } = (settings.federated ?? {}) as Record<string, string>
  writeFileSync(join(kit.folder, 'certificate.pem'), next?.certificate ?? '')
  await kit.change(type, { issuer, subject })
  return kit.until('passed', async () => {
    const { outcome } = await kit.api.expect(200, 'POST', `${SETTINGS}/verify`, {
      credential: 'next',
    })
    return String(outcome)
  })
}

const certificate: Step = {
  id: 'certificate',
  title: 'Authenticate the app with a certificate',
  needs: ['work', 'admin'],
  checks: ['certificate-ps256', 'assertion-lifetime'],
  async run(kit) {
    const outcome = await verifyNext(kit, 'certificate')
    kit.observe('certificate-ps256', 'passed', outcome)
    kit.observe('assertion-lifetime', 'passed', outcome)
    await kit.api.expect(204, 'DELETE', `${SETTINGS}/next-credential`)
    await kit.undo('certificate')
  },
}

const federated: Step = {
  id: 'federated',
  title: 'Authenticate the app with a federated credential, also for the personal account',
  needs: ['work', 'personal', 'admin', 'public-url'],
  checks: ['federated-rs256', 'federated-audience', 'federated-for-personal'],
  async run(kit) {
    const { observe, recorder } = kit
    const outcome = await verifyNext(kit, 'federated')
    observe('federated-rs256', 'passed', outcome)
    observe('federated-audience', 'passed', outcome)
    if (outcome === 'passed') {
      await kit.api.expect(200, 'POST', `${SETTINGS}/promote`)
      const { exchange: redeemed } = await kit.signIn('personal', undefined, { again: true })
      observe(
        'federated-for-personal',
        '200',
        redeemed ? refusalOf(redeemed) : 'no code was redeemed',
      )
      await kit.api.expect(200, 'POST', `${SETTINGS}/promote`)
    }
    await kit.api.expect(204, 'DELETE', `${SETTINGS}/next-credential`)
    await kit.undo('federated')
    if (recorder.exchanges.length === 0) fail('nothing was recorded')
  },
}

const revoked: Step = {
  id: 'revoked',
  title: "Revoke the work account's sessions",
  needs: ['work', 'admin'],
  checks: ['revoked-sessions'],
  async run(kit) {
    const { exchange: signedIn } = await kit.signIn('work')
    if (!signedIn) fail('there is no sign-in')
    await kit.requireTrialTenant()
    await kit.person.ask({
      do: 'tell',
      name: 'revoked',
      what: 'Entra admin center > Users > the work account > Revoke sessions. Press Enter when it is done',
    })
    const form = kit.refreshForm(signedIn, kit.scopeAt('outlook', 'IMAP.AccessAsUser.All'))
    const tenant = String(readJwt(member(signedIn, 'id_token'))?.claims.tid)
    const expected = '400 invalid_grant AADSTS50173'
    const look = async () => refusalOf(await kit.repeat(form, {}, { tenant }))
    kit.observe('revoked-sessions', expected, await kit.until(expected, look))
  },
}

const removed: Step = {
  id: 'consent-removed',
  title: 'Remove the app from the personal account',
  needs: ['personal'],
  checks: ['consent-removed'],
  async run(kit) {
    const { exchange: signedIn } = await kit.signIn('personal')
    if (!signedIn) fail('there is no sign-in')
    await kit.person.ask({
      do: 'tell',
      name: 'removed',
      what: `Open https://account.live.com/consent/Manage as the personal account, and remove "${APP_NAME}". Press Enter when it is done`,
    })
    const form = kit.refreshForm(signedIn, kit.scopeAt('outlook', 'IMAP.AccessAsUser.All'))
    const look = async () => {
      const response = await kit.repeat(form, {}, { tenant: 'consumers' })
      return `${response.status} ${member(response, 'error')}`.trim()
    }
    const expected = '400 invalid_grant'
    const saw = await kit.until(expected, look)
    kit.observe(
      'consent-removed',
      expected,
      /^\d{3}(?: [a-z_]{1,40})?$/.test(saw) ? saw : 'another response',
    )
  },
}

export const adminSteps: readonly Step[] = [approval, exchange, certificate, federated]
export const endSteps: readonly Step[] = [revoked, removed]
