/** Runs the bash script of the setup guide in a real bash with a fake Azure CLI that records its calls. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toPaste } from '../api/console/ui/guide.ts'
import { APP_ROLES } from '../api/domain/app/console-roles.ts'
import type { SetupInput } from '../api/domain/app/setup/app-registration.ts'
import { declaredPermissions } from '../api/entra/scopes.ts'
import { createAzureCli, type Run } from './azure-cli.ts'
import {
  ADMIN_REDIRECT,
  CONSOLE_REDIRECT,
  FEDERATION,
  guideFor,
  REDIRECT,
  readScript,
} from './setup-guide.ts'

const APP_ID = '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11'
const TENANT = '11111111-2222-4333-8444-555555555555'
const SECRET = 'abc8Q~a-secret_of.the~test'

const CERTIFICATE = 'MIIBszCCAVmgAwIBAgIQd/signature+of9AbC='
const PEM = `-----BEGIN CERTIFICATE-----\n${CERTIFICATE.slice(0, 20)}\n${CERTIFICATE.slice(20)}\n-----END CERTIFICATE-----\n`

/** Responses of Microsoft Graph to tenants with an app management policy, as the Azure CLI prints them. */
const POLICY_ID = '538f1913-366a-440a-95a0-e195cb55b282'
const TYPE_REFUSED = `ERROR: Credential type not allowed as per assigned policy '${POLICY_ID}'.`
const LIFETIME_REFUSED = `ERROR: Credential lifetime exceeds the max value allowed as per assigned policy '${POLICY_ID}'.`
const AUDIENCE_REFUSED = `ERROR: SignInAudience value 'AzureADandPersonalMicrosoftAccount' not allowed as per assigned policy '${POLICY_ID}'. Set the application to use single-tenant audience of 'AzureADMyOrg'.`

const MAIL_PERMISSIONS = declaredPermissions(['imap', 'smtp'])

/**
 * A fake `az` with a directory: it keeps the app that it created, and its credentials, as files in the folder. It fails
 * with AZ_ERROR for command lines that contain AZ_FAILS.
 */
const AZ = `\
  *"$AZ_FAILS"*) printf '%s\\n' "$AZ_ERROR" >&2; exit 1 ;;
  'cloud show --query name'*) printf 'AzureCloud\\r\\n' ;;
  'ad app list'*displayName==*) if [ -e named ]; then cat named; fi ;;
  'ad app list'*) if [ -e app ]; then printf '${APP_ID}\\r\\n'; fi ;;
  'ad app create'*) touch app; printf '${APP_ID}\\r\\n' ;;
  'ad app show'*redirectUris*) printf 'http://localhost:8787/oauth/microsoft/callback\\r\\n${REDIRECT}\\r\\n' ;;
  'ad app show'*appRoles*) if [ -e roles ]; then cat roles; fi ;;
  'ad app show'*resourceAccess*) printf '${MAIL_PERMISSIONS[0]?.id}\\r\\n' ;;
  'ad app credential reset'*--cert*) touch certificate ;;
  'ad app credential reset'*) printf '${SECRET}\\r\\n' ;;
  'ad app credential list'*--cert*) if [ -e certificate ]; then printf 'key-id\\r\\n'; fi ;;
  'ad app credential list'*) printf '2028-11-24T10:00:00Z\\r\\n' ;;
  'ad app federated-credential create'*) touch federated ;;
  'ad app federated-credential list'*) if [ -e federated ]; then printf 'mailgrant-1\\r\\n'; fi ;;
  'account show --query tenantId'*) printf '${TENANT}\\r\\n' ;;
  'account show --query [tenantId'*) printf '${TENANT}\\tfabrikam.com\\r\\n' ;;`

const scriptFor = (...input: Parameters<typeof guideFor>) => guideFor(...input).scripts.azure_cli

type Refusal = { fails: string; error?: string }

/** A directory at Microsoft, in which scripts run one after the other. */
function directory() {
  const { folder, run } = createAzureCli(AZ)
  return {
    folder,
    run: (script: string, options: string[] = [], refusal: Refusal = { fails: '\u0001' }) =>
      run(script, options, {
        AZ_FAILS: refusal.fails,
        AZ_ERROR: refusal.error ?? 'ERROR: It failed.',
      }),
  }
}

/** Runs the script in a new directory. The fake CLI fails for command lines that contain `fails`. */
const run = (script: string, fails?: string, options?: string[]): Promise<Run> =>
  directory().run(script, options, fails === undefined ? undefined : { fails })

/** Returns the changes in their order, without commands that only read. */
const changesOf = ({ calls }: Run) =>
  calls
    .map((call) =>
      call
        .slice(
          0,
          call.findIndex((word) => word.startsWith('--')),
        )
        .join(' '),
    )
    .filter((command) => /^ad .* (create|reset|add|grant|update|delete)$/.test(command))

const callOf = ({ calls }: Run, ...start: string[]) =>
  calls.find((call) => start.every((word, index) => call[index] === word))

const optionOf = (call: string[] | undefined, name: string, values = 1) => {
  const at = call?.indexOf(name) ?? -1
  return at < 0 ? undefined : call?.slice(at + 1, at + 1 + values)
}

describe('the Azure CLI script', () => {
  it('creates the app with its redirect URIs, the permissions and version 2 tokens', async () => {
    const done = await run(scriptFor())
    expect(done.code).toBe(0)
    const create = callOf(done, 'ad', 'app', 'create')
    expect(optionOf(create, '--display-name')).toEqual(['Mailgrant'])
    expect(optionOf(create, '--sign-in-audience')).toEqual(['AzureADandPersonalMicrosoftAccount'])
    expect(optionOf(create, '--requested-access-token-version')).toEqual(['2'])
    expect(optionOf(create, '--web-redirect-uris', 3)).toEqual([
      REDIRECT,
      ADMIN_REDIRECT,
      CONSOLE_REDIRECT,
    ])
    // An app that allows personal accounts cannot have app roles.
    expect(create).not.toContain('--app-roles')
    const [json = ''] = optionOf(create, '--required-resource-accesses') ?? []
    expect(JSON.parse(json)).toEqual([
      {
        resourceAppId: '00000003-0000-0000-c000-000000000000',
        resourceAccess: MAIL_PERMISSIONS.map(({ id }) => ({ id, type: 'Scope' })),
      },
    ])
  })

  it('creates the app roles of the console where the app allows work accounts only', async () => {
    const script = scriptFor({ tenant: 'organizations' })
    const { run } = directory()
    const [json = ''] =
      optionOf(callOf(await run(script), 'ad', 'app', 'create'), '--app-roles') ?? []
    expect(JSON.parse(json)).toEqual(
      APP_ROLES.map(({ id, value, name, description }) => ({
        ...{ id, value, displayName: name, description },
        allowedMemberTypes: ['User'],
        isEnabled: true,
      })),
    )
    const again = await run(script)
    expect(again.code, again.stderr).toBe(0)
    expect(changesOf(again).filter((change) => change === 'ad app update')).toHaveLength(2)
  })

  it.each([
    ['Mailgrant.Viewer\\r\\nMailgrant.Operator\\r\\nMailgrant.Admin', ''],
    ['Payroll.Read', 'has app roles of its own'],
  ])('leaves the app roles %s of the app as they are', async (roles, said) => {
    const { folder, run } = directory()
    writeFileSync(join(folder, 'app'), '')
    writeFileSync(join(folder, 'roles'), roles.replaceAll('\\r\\n', '\r\n'))
    const done = await run(scriptFor({ tenant: 'organizations' }))
    expect(done.code, done.stderr).toBe(0)
    expect(changesOf(done).filter((change) => change === 'ad app update')).toHaveLength(1)
    expect(done.stdout).toContain(said)
  })

  it('adds a secret beside existing ones, and prints it with the client ID and where to enter them', async () => {
    const done = await run(scriptFor())
    const { stdout } = done
    const reset = callOf(done, 'ad', 'app', 'credential', 'reset')
    expect(optionOf(reset, '--id')).toEqual([APP_ID])
    expect(reset).toContain('--append')
    expect(stdout).toContain('PUT /v1/integrations/microsoft/settings')
    expect(stdout).toMatch(new RegExp(`client_id +${APP_ID}\n`))
    expect(stdout).toMatch(new RegExp(`credential.client_secret +${SECRET}\n`))
    expect(stdout).toMatch(/credential.expires_at +2028-11-24T10:00:00Z\n/)
    expect(stdout).toMatch(/home_tenant +11111111-2222-4333-8444-555555555555\n/)
    // The secret is never passed to another program as an argument, which process lists show.
    expect(done.calls.flat()).not.toContain(SECRET)
  })

  it.each([
    ['global', 'AzureCloud'],
    ['us_gov_high', 'AzureUSGovernment'],
    ['us_gov_dod', 'AzureUSGovernmentDoD'],
    ['china', 'AzureChinaCloud'],
  ] as const)('works in the cloud %s and switches back afterwards', async (cloud, name) => {
    const { calls } = await run(scriptFor({ cloud }))
    const names = calls
      .filter(([group, command]) => group === 'cloud' && command === 'set')
      .map((call) => optionOf(call, '--name')?.[0])
    expect(names).toEqual([name, 'AzureCloud'])
  })

  it('registers the DoD cloud if the CLI does not have it', async () => {
    const script = scriptFor({ cloud: 'us_gov_dod' })
    const register = callOf(
      await run(script, 'cloud show --name AzureUSGovernmentDoD'),
      'cloud',
      'register',
    )
    expect(JSON.parse(optionOf(register, '--cloud-config')?.[0] ?? '')).toMatchObject({
      endpoints: { microsoftGraphResourceId: 'https://dod-graph.microsoft.us/' },
    })
    expect(callOf(await run(script), 'cloud', 'register')).toBeUndefined()
  })

  it('signs in to the home tenant, or, without one, only if no account is signed in', async () => {
    const atHome = await run(scriptFor({ homeTenant: 'contoso.com' }))
    expect(optionOf(callOf(atHome, 'login'), '--tenant')).toEqual(['contoso.com'])
    expect(callOf(await run(scriptFor()), 'login')).toBeUndefined()
    const signedOut = await run(scriptFor(), 'account show --query [tenantId')
    expect(callOf(signedOut, 'login')).toBeDefined()
  })

  it.each([TENANT.toUpperCase(), 'fabrikam.com'])(
    'does not sign in again in Azure Cloud Shell, which is at %s already',
    async (homeTenant) => {
      expect(callOf(await run(scriptFor({ homeTenant })), 'login')).toBeUndefined()
    },
  )

  it('grants no consent unless consent for the whole directory is enabled', async () => {
    const script = scriptFor()
    expect(callOf(await run(script), 'ad', 'app', 'permission')).toBeUndefined()
    const { calls } = await run(script.replace('grant_consent=no', 'grant_consent=yes'))
    const grants = calls.filter(([, , permission]) => permission === 'permission')
    expect(grants.map((call) => optionOf(call, '--api'))).toEqual([
      ['00000002-0000-0ff1-ce00-000000000000'],
      ['00000003-0000-0000-c000-000000000000'],
    ])
    expect(optionOf(grants[0], '--scope', 2)).toEqual(['IMAP.AccessAsUser.All', 'SMTP.Send'])
    expect(optionOf(grants[1], '--scope', 3)).toEqual(['offline_access', 'openid', 'profile'])
  })

  it('creates no enterprise application for personal accounts only', async () => {
    const done = await run(scriptFor({ tenant: 'consumers' }))
    expect(done.code).toBe(0)
    expect(callOf(done, 'ad', 'sp')).toBeUndefined()
    expect(done.stdout).not.toContain('home_tenant')
  })

  it('runs as it is pasted into Azure Cloud Shell', async () => {
    const { folder, run } = directory()
    const pasted = await run(toPaste(scriptFor()))
    expect(pasted.code, pasted.stderr).toBe(0)
    expect(pasted.stdout).toMatch(new RegExp(`client_id +${APP_ID}\n`))
    const file = readFileSync(join(folder, 'mailgrant-setup.sh'), 'utf8')
    expect(file).toBe(scriptFor())
  })

  it('does nothing before the guide has filled in its values', async () => {
    const done = await run(readScript('setup.sh'))
    expect(done.code).toBe(2)
    expect(done.stderr).toContain('Take this script from the setup guide')
    expect(done.calls).toEqual([])
  })

  it('stops at the first error and still switches back to the previous cloud', async () => {
    const done = await run(scriptFor({ cloud: 'china' }), 'ad app create')
    expect(done.code).not.toBe(0)
    expect(callOf(done, 'ad', 'app', 'credential')).toBeUndefined()
    expect(done.calls.at(-1)?.slice(0, 4)).toEqual(['cloud', 'set', '--name', 'AzureCloud'])
  })

  it('adds the credential even if consent fails, and says who can consent', async () => {
    const script = scriptFor().replace('grant_consent=no', 'grant_consent=yes')
    const done = await run(script, 'ad app permission grant')
    expect(done.code).toBe(1)
    expect(done.stdout).toContain(SECRET)
    expect(done.stderr).toContain('Consent could not be granted')
    expect(done.stderr).toContain('Cloud Application Administrator')
  })

  it.each([
    `O'Brien's "mail"`,
    '$(touch owned) `touch owned`',
    `'; touch owned; echo '`,
    'back\\slash\nand a second line',
  ])('passes on a hostile name unchanged: %j', async (appName) => {
    const { folder, run } = directory()
    const done = await run(scriptFor({}, { appName, redirectUri: `${REDIRECT}/${appName}` }))
    expect(done.code).toBe(0)
    const create = callOf(done, 'ad', 'app', 'create')
    expect(optionOf(create, '--display-name')).toEqual([appName])
    expect(optionOf(create, '--web-redirect-uris')).toEqual([`${REDIRECT}/${appName}`])
    expect(existsSync(join(folder, 'owned'))).toBe(false)
  })
})

describe('a second run of the Azure CLI script', () => {
  it('continues with the app of the first, keeps its redirect URIs, and adds only what is missing', async () => {
    const { run } = directory()
    const script = scriptFor({}, { federation: FEDERATION })
    const first = await run(script, ['--credential', 'federated'])
    expect(first.code, first.stderr).toBe(0)
    const second = await run(script, ['--credential', 'federated'])
    expect(second.code, second.stderr).toBe(0)
    expect(changesOf(second)).toEqual([
      'ad app update',
      ...MAIL_PERMISSIONS.slice(1).map(() => 'ad app permission add'),
    ])
    expect(second.stdout).toMatch(new RegExp(`client_id +${APP_ID}\n`))
    const update = callOf(second, 'ad', 'app', 'update')
    expect(optionOf(update, '--web-redirect-uris', 4)).toEqual([
      REDIRECT,
      ADMIN_REDIRECT,
      CONSOLE_REDIRECT,
      'http://localhost:8787/oauth/microsoft/callback',
    ])
  })

  it('continues with the app of the settings, whatever its name and redirect URIs', async () => {
    const stored = '7a9c2b1e-3a0b-4f0e-9a39-3b8f4a2f9c22'
    const done = await run(scriptFor({ clientId: stored }))
    expect(done.code, done.stderr).toBe(0)
    expect(callOf(done, 'ad', 'app', 'list')).toBeUndefined()
    expect(callOf(done, 'ad', 'app', 'create')).toBeUndefined()
    expect(optionOf(callOf(done, 'ad', 'app', 'update'), '--id')).toEqual([stored])
  })

  it('leaves the app of another deployment alone, which has the same name', async () => {
    const { folder, run } = directory()
    writeFileSync(join(folder, 'named'), 'app-of-another\r\n')
    const done = await run(scriptFor())
    expect(done.code).toBe(2)
    expect(done.stderr).toContain('app-of-another has the same name, but other redirect URIs')
    expect(changesOf(done)).toEqual([])
  })
})

describe('the credential of the Azure CLI script', () => {
  const everything = (kind: string) => [`--credential`, kind]
  const consenting = (script: string) => script.replace('grant_consent=no', 'grant_consent=yes')
  const withAll = { federation: FEDERATION }
  const withCertificate = { nextCredential: { certificate: PEM } }

  it.each([
    ['federated', 'ad app federated-credential create'],
    ['certificate', 'ad app credential reset'],
    ['secret', 'ad app credential reset'],
  ])('comes last: %s', async (kind, command) => {
    const script = consenting(scriptFor(withCertificate, withAll))
    const done = await run(script, 'ad sp show', everything(kind))
    expect(done.code, done.stderr).toBe(0)
    expect(changesOf(done)).toEqual([
      'ad app create',
      'ad sp create',
      'ad app permission grant',
      'ad app permission grant',
      command,
    ])
  })

  it('is federated for work accounts where Entra can reach Mailgrant', async () => {
    const done = await run(scriptFor({ tenant: 'organizations' }, withAll))
    const create = callOf(done, 'ad', 'app', 'federated-credential', 'create')
    const [json = ''] = optionOf(create, '--parameters') ?? []
    const { issuer, subject, audience } = FEDERATION
    expect(JSON.parse(json)).toEqual({
      name: expect.stringMatching(/^mailgrant-\d{8}T\d{6}Z$/),
      issuer,
      subject,
      audiences: [audience],
    })
    expect(done.stdout).toMatch(/credential.type +federated\n/)
    const untried = 'whether it accepts one for personal accounts'
    expect(done.stdout).not.toContain(untried)
    const forPersonal = await run(scriptFor({}, withAll), undefined, everything('federated'))
    expect(forPersonal.stdout).toContain(untried)
    expect(done.calls.flat()).not.toContain('reset')
  })

  it('is the certificate that Mailgrant has generated, or else a secret, on a private host', async () => {
    const certificate = await run(scriptFor(withCertificate))
    const reset = callOf(certificate, 'ad', 'app', 'credential', 'reset')
    expect(optionOf(reset, '--cert')).toEqual([CERTIFICATE])
    expect(reset).toContain('--append')
    expect(certificate.stdout).toMatch(/credential.type +certificate\n/)
    expect((await run(scriptFor())).stdout).toContain(SECRET)
  })

  it('uploads a certificate once', async () => {
    const { run } = directory()
    await run(scriptFor(withCertificate))
    const second = await run(scriptFor(withCertificate))
    expect(second.code, second.stderr).toBe(0)
    expect(callOf(second, 'ad', 'app', 'credential', 'reset')).toBeUndefined()
  })

  it.each([
    [[], 730],
    [['--lifetime-days', '90'], 90],
  ])('is a secret for as many days as asked for: %j', async (options, days) => {
    const done = await run(scriptFor(), undefined, ['--credential', 'secret', ...options])
    const reset = callOf(done, 'ad', 'app', 'credential', 'reset')
    const end = Date.parse(optionOf(reset, '--end-date')?.[0] ?? '')
    expect(Math.abs(end - Date.now() - days * 86_400_000)).toBeLessThan(3_600_000)
  })

  it.each([
    [['--credential', 'federated'], 'needs a PUBLIC_URL with https'],
    [['--credential', 'certificate'], 'Mailgrant has not generated a certificate'],
    [['--credential', 'password'], '--credential must be'],
    [['--credential', 'secret', '--lifetime-days', 'two years'], 'a number of days'],
    [['--credential'], 'A value is missing after --credential'],
    [['--help', 'x'], 'Unknown option: --help'],
  ])('is checked before anything is done: %j', async (options, text) => {
    const done = await run(scriptFor(), undefined, options)
    expect(done.code).toBe(2)
    expect(done.stderr).toContain(text)
    expect(done.calls).toEqual([])
  })
})

describe('a policy of the organisation', () => {
  const secret = ['--credential', 'secret']
  const script = (more: Partial<SetupInput> = {}) =>
    scriptFor({ nextCredential: { certificate: PEM } }, { federation: FEDERATION, ...more })

  it('that forbids client secrets leaves everything else done, and is explained', async () => {
    const { run } = directory()
    const fails = 'ad app credential reset'
    const done = await run(script(), secret, { fails, error: TYPE_REFUSED })
    expect(done.code).toBe(1)
    expect(changesOf(done).slice(0, -1)).toEqual(['ad app create'])
    expect(done.stderr).toContain(TYPE_REFUSED)
    expect(done.stderr).toContain('policy of your organisation does not allow client secrets.')
    expect(done.stderr).toContain(
      'A Security Administrator can change the policy or exempt this app',
    )
    expect(done.stderr).toContain(`Everything else is done. The client ID is ${APP_ID}`)
    expect(done.stderr).toContain('--credential federated: no secret')
    expect(done.stderr).toContain('--credential certificate: uploads the certificate')
    expect(done.stderr).not.toContain('--credential secret')
    expect(done.stdout).not.toContain('credential.')

    const again = await run(script(), ['--credential', 'federated'], { fails, error: TYPE_REFUSED })
    expect(again.code, again.stderr).toBe(0)
    expect(changesOf(again)).not.toContain('ad app create')
    expect(again.stdout).toMatch(/credential.type +federated\n/)
  })

  it('that limits lifetimes is explained with an option that keeps to it', async () => {
    const { run } = directory()
    const refusal = { fails: 'ad app credential reset', error: LIFETIME_REFUSED }
    const done = await run(script(), secret, refusal)
    expect(done.code).toBe(1)
    expect(done.stderr).toContain('allows client secrets only for a shorter time')
    expect(done.stderr).toContain('--lifetime-days 90')
    const again = await run(script(), [...secret, '--lifetime-days', '90'])
    expect(again.code, again.stderr).toBe(0)
    expect(again.stdout).toContain(SECRET)
    const certificate = await run(script(), ['--credential', 'certificate'], refusal)
    expect(certificate.stderr).toContain(
      'with fewer days in the Microsoft settings (lifetime_days)',
    )
  })

  it.each([
    [
      'does not trust the issuer',
      'federated-credential create',
      `ERROR: FederatedIdentityCredential.Issuer 'https://mail.example.com' is not allowed as per assigned policy '${POLICY_ID}'.`,
      ['does not allow federated credentials of this issuer', '--credential certificate'],
    ],
    [
      'allows only apps of one organisation',
      'ad app create',
      AUDIENCE_REFUSED,
      ['Enter your own directory as the tenant'],
    ],
  ])('that %s says what to do instead', async (_what, fails, error, texts) => {
    const done = await directory().run(script(), ['--credential', 'federated'], { fails, error })
    expect(done.code).toBe(1)
    for (const text of [error, ...texts]) expect(done.stderr).toContain(text)
    expect(done.stderr).not.toContain('--credential federated')
    if (fails === 'ad app create') expect(changesOf(done)).toEqual(['ad app create'])
  })

  it('is not blamed for another error', async () => {
    const { run } = directory()
    const error = 'ERROR: The directory object quota limit has been exceeded.'
    const done = await run(script(), secret, { fails: 'ad app credential reset', error })
    expect(done.code).toBe(1)
    expect(done.stderr).toContain(error)
    expect(done.stderr).not.toContain('policy')
    expect(done.stderr).toContain('only a credential is missing')
  })
})
