/** The app without a person: discovery, its credential, and the refusals that a wrong request gets. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCertificate } from '../../../../api/entra/certificate.ts'
import { clientAuth } from '../../../../api/entra/client-auth.ts'
import { makeSigningKey } from '../../../../api/entra/federated.ts'
import { APP_NAME } from '../changes.ts'
import { fail, type Kit } from '../context.ts'
import type { Exchange } from '../recorder.ts'
import { livesAnHour, member, present, readJwt, refusalOf, yes } from '../responses.ts'
import type { Step } from './step.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'
const PROTOCOLS = ['imap', 'smtp', 'graph_send']

const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes))

const discovery: Step = {
  id: 'discovery',
  title: "Read Microsoft's metadata and keys",
  needs: [],
  checks: ['issuer-placeholder', 'keys-have-issuers'],
  async run({ target, get, observe }) {
    const metadata = await get(`${target.login}/common/v2.0/.well-known/openid-configuration`)
    observe(
      'issuer-placeholder',
      'yes',
      yes(member(metadata, 'issuer').endsWith('/{tenantid}/v2.0')),
    )
    const { json } = await get(`${target.login}/common/discovery/v2.0/keys`)
    const { keys = [] } = (json ?? {}) as { keys?: { issuer?: unknown }[] }
    const hasIssuer = ({ issuer }: { issuer?: unknown }) =>
      typeof issuer === 'string' && /\/(?:\{tenantid\}|[0-9a-f-]{36})\/v2\.0$/.test(issuer)
    observe('keys-have-issuers', 'yes', yes(keys.length > 0 && keys.every(hasIssuer)))
  },
}

/** Writes the scripts that register the app, with the values and the name of this run. */
async function writeScripts({ api, folder }: Kit, home: string): Promise<void> {
  const query = new URLSearchParams({
    tenant: 'common',
    home_tenant: home,
    protocols: PROTOCOLS.join(),
  })
  const path = `/v1/integrations/microsoft/setup-guide?${query}`
  const { scripts } = await api.expect(200, 'GET', path)
  const { azure_cli: shell, powershell } = scripts as { azure_cli: string; powershell: string }
  const named = (text: string) =>
    text.replace(/^(app_name=|\$appName = )'?Mailgrant'?$/m, `$1'${APP_NAME}'`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'setup.sh'), named(shell))
  writeFileSync(join(folder, 'setup.ps1'), named(powershell))
}

const app: Step = {
  id: 'app',
  title: 'Register the app, and verify its secret',
  needs: ['work'],
  checks: [
    'app-token-without-refresh',
    'app-token-is-readable',
    'access-token-lifetime',
    'tenant-by-domain',
  ],
  async run(kit) {
    const { api, fact, person, observe, target } = kit
    await api.call('POST', '/v1/integrations/microsoft/activate')
    const [, domain = ''] = (await kit.addressOf('work')).split('@')
    await writeScripts(kit, domain)
    // Without an administrator, the app was registered by someone else.
    if (!kit.skips('admin')) await kit.change('app')
    const clientId = await fact('client id', 'The application (client) ID of the new app')
    const secret = await person.ask({
      do: 'tell',
      name: 'client secret',
      what: 'Its client secret (the Value). It is not shown, and only Mailgrant stores it, encrypted',
      secret: true,
    })
    const metadata = await kit.get(
      `${target.login}/${domain}/v2.0/.well-known/openid-configuration`,
    )
    const tenant = /\/([0-9a-f-]{36})\/v2\.0$/.exec(member(metadata, 'issuer'))?.[1]
    observe('tenant-by-domain', 'yes', yes(tenant !== undefined))
    await api.expect(200, 'PUT', SETTINGS, {
      client_id: clientId,
      credential: { type: 'client_secret', client_secret: secret },
      home_tenant: domain,
      protocols: PROTOCOLS,
    })
    const approval = await api.expect(201, 'POST', '/v1/integrations/microsoft/admin-consent', {
      tenant: domain,
      flow: 'delegated',
    })
    person.say(
      `By default, only an administrator may consent to IMAP. If the next sign-in asks for approval, an administrator opens this first:\n\n  ${approval.url}\n`,
    )
    const exchange = await kit.appRequest()
    const verified = await api.expect(200, 'POST', `${SETTINGS}/verify`, {})
    const { json, status } = exchange
    const names = (json ?? {}) as Record<string, unknown>
    observe(
      'app-token-without-refresh',
      '200, without',
      `${status}, ${names.refresh_token === undefined ? 'without' : 'with'}`,
    )
    observe('access-token-lifetime', '60 to 90 minutes', livesAnHour(exchange))
    const claims = readJwt(member(exchange, 'access_token'))?.claims ?? {}
    observe(
      'app-token-is-readable',
      'app, without scp',
      `${claims.idtyp === 'app' ? 'app' : 'other'}, ${claims.scp === undefined ? 'without' : 'with'} scp`,
    )
    if (verified.outcome !== 'passed')
      fail(`Microsoft did not accept the secret: ${verified.detail}`)
  },
}

/** Authenticates with a new certificate, or a new issuer, that Microsoft does not know. */
async function foreignAssertion({ form, url }: Exchange, kind: 'certificate' | 'federated') {
  const clientId = form.get('client_id') ?? ''
  const now = new Date()
  const until = new Date(now.getTime() + 86_400_000)
  const made = await makeCertificate({
    commonName: 'acceptance',
    from: now,
    until,
    serial: random(16),
  })
  const key = await makeSigningKey()
  const auth = clientAuth(
    clientId,
    kind === 'certificate'
      ? {
          type: 'certificate',
          privateKey: made.privateKey,
          thumbprint: made.thumbprint,
        }
      : {
          type: 'federated',
          privateKey: key.privateKey,
          keyId: key.id,
          identity: {
            issuer: 'https://mailgrant.invalid',
            subject: 'mailgrant:acceptance',
            audience: 'api://AzureADTokenExchange',
          },
        },
    random,
  )
  const body = new URLSearchParams()
  await auth(body, url.href, now)
  return { client_secret: null, ...Object.fromEntries(body) }
}

const refusals: Step = {
  id: 'app-refusals',
  title: 'Send wrong requests of the app',
  needs: ['work'],
  checks: [
    'secret-wrong',
    'secret-missing',
    'client-unknown',
    'tenant-unknown',
    'grant-type-unsupported',
    'app-token-one-tenant',
    'app-token-default',
    'certificate-unknown',
    'federated-mismatch',
    'error-members',
    'number-in-description',
    'app-scope',
  ],
  async run(kit) {
    const { observe, repeat } = kit
    const request = await kit.appRequest()
    const wrong = await repeat(request, {
      client_secret: 'wrong~wrong~wrong~wrong~wrong~wrong~wron',
    })
    observe('secret-wrong', '401 invalid_client AADSTS7000215', refusalOf(wrong))
    const body = (wrong.json ?? {}) as Record<string, unknown>
    const members = [
      'error',
      'error_description',
      'error_codes',
      'trace_id',
      'correlation_id',
      'timestamp',
    ]
    observe('error-members', 'all', present(body, members))
    const number = /^AADSTS(\d+): /.exec(member(wrong, 'error_description'))?.[1]
    const [listed] = Array.isArray(body.error_codes) ? body.error_codes : []
    observe('number-in-description', 'yes', yes(number !== undefined && number === String(listed)))
    observe(
      'secret-missing',
      '401 invalid_client AADSTS7000218',
      refusalOf(await repeat(request, { client_secret: null })),
    )
    observe(
      'client-unknown',
      '400 unauthorized_client AADSTS700016',
      refusalOf(await repeat(request, { client_id: kit.newGuid() })),
    )
    observe(
      'tenant-unknown',
      '400 invalid_request AADSTS90002',
      refusalOf(await repeat(request, {}, { tenant: kit.newGuid() })),
    )
    observe(
      'grant-type-unsupported',
      '400 unsupported_grant_type AADSTS70003',
      refusalOf(await repeat(request, { grant_type: 'mailgrant' })),
    )
    observe(
      'app-token-one-tenant',
      '400 invalid_request AADSTS9001023',
      refusalOf(await repeat(request, {}, { tenant: 'common' })),
    )
    const named = await repeat(request, {
      scope: 'https://outlook.office365.com/IMAP.AccessAsUser.All',
    })
    observe('app-token-default', '400 invalid_scope AADSTS1002012', refusalOf(named))
    const mail = await repeat(request, { scope: 'https://outlook.office365.com/.default' })
    observe('app-scope', '200', refusalOf(mail))
    const certificate = await repeat(request, await foreignAssertion(request, 'certificate'))
    observe('certificate-unknown', '401 invalid_client AADSTS700027', refusalOf(certificate))
    const federated = await repeat(request, await foreignAssertion(request, 'federated'))
    observe('federated-mismatch', '401 invalid_client AADSTS700211', refusalOf(federated))
  },
}

export const appSteps: readonly Step[] = [discovery, app, refusals]
