/** Runs the bash script of the setup guide in a real bash with a fake Azure CLI that records its calls. */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { SetupInput } from '../api/domain/setup/app-registration.ts'
import { setupGuide } from '../api/domain/setup/guide.ts'
import { MAIL_PERMISSIONS } from '../api/entra/scopes.ts'
import { SETUP_CALLS } from '../api/paths.ts'
import { Cloud } from '../schema/mail-servers.ts'

const REDIRECT = 'https://mail.example.com/oauth/microsoft/callback'
const ADMIN_REDIRECT = 'https://mail.example.com/oauth/microsoft/admin-consent'
const APP_ID = '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11'
const SECRET = 'abc8Q~a-secret_of.the~test'

/** Fake CLI: appends its NUL-terminated arguments as one line to a file and answers like the real command. */
const AZ = `#!/usr/bin/env bash
printf '%s\\0' "$@" >> "$AZ_NOTES"
printf '\\n' >> "$AZ_NOTES"
case "$*" in
  *"$AZ_FAILS"*) exit 1 ;;
  'cloud show --query name'*) printf 'AzureCloud\\r\\n' ;;
  'ad app create'*) printf '${APP_ID}\\r\\n' ;;
  'ad app credential reset'*) printf '${SECRET}\\r\\n' ;;
  'ad app credential list'*) printf '2028-11-24T10:00:00Z\\r\\n' ;;
  'account show --query tenantId'*) printf '11111111-2222-4333-8444-555555555555\\r\\n' ;;
esac
`

const scriptFor = (
  settings: Partial<SetupInput['settings']> = {},
  more: Partial<SetupInput> = {},
) =>
  setupGuide({
    settings: { clientId: null, cloud: 'global', tenant: 'common', homeTenant: null, ...settings },
    redirectUri: REDIRECT,
    adminConsentRedirectUri: ADMIN_REDIRECT,
    calls: SETUP_CALLS,
    ...more,
  }).scripts.azure_cli

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

type Run = { code: number; stdout: string; stderr: string; calls: string[][] }

/** Runs the script. The fake CLI fails for command lines that contain `fails`. */
async function run(script: string, fails = '\u0001'): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'mailgrant-setup-'))
  folders.push(folder)
  const notes = join(folder, 'notes')
  await writeFile(notes, '')
  await writeFile(join(folder, 'az'), AZ)
  await chmod(join(folder, 'az'), 0o755)
  await writeFile(join(folder, 'setup.sh'), script)
  const env = {
    PATH: `${folder}${delimiter}/usr/bin${delimiter}/bin`,
    AZ_NOTES: notes,
    AZ_FAILS: fails,
  }
  const done = await new Promise<Omit<Run, 'calls'>>((resolve) => {
    execFile('bash', ['setup.sh'], { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
  const lines = (await readFile(notes, 'utf8')).split('\0\n').slice(0, -1)
  return { ...done, calls: lines.map((line) => line.split('\0')) }
}

const callOf = ({ calls }: Run, ...start: string[]) =>
  calls.find((call) => start.every((word, index) => call[index] === word))

const optionOf = (call: string[] | undefined, name: string, values = 1) => {
  const at = call?.indexOf(name) ?? -1
  return at < 0 ? undefined : call?.slice(at + 1, at + 1 + values)
}

describe('the Azure CLI script', () => {
  it.each(
    Cloud.options.flatMap((cloud) =>
      ['common', 'organizations', 'consumers', 'contoso.com'].map((tenant) => ({ cloud, tenant })),
    ),
  )('is accepted by bash -n for $cloud, $tenant', async ({ cloud, tenant }) => {
    const { code, stderr } = await run(
      `bash -n <<'SCRIPT'\n${scriptFor({ cloud, tenant })}\nSCRIPT`,
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('creates the app with both redirect URIs, the permissions and version 2 tokens', async () => {
    const done = await run(scriptFor())
    expect(done.code).toBe(0)
    const create = callOf(done, 'ad', 'app', 'create')
    expect(optionOf(create, '--display-name')).toEqual(['Mailgrant'])
    expect(optionOf(create, '--sign-in-audience')).toEqual(['AzureADandPersonalMicrosoftAccount'])
    expect(optionOf(create, '--requested-access-token-version')).toEqual(['2'])
    expect(optionOf(create, '--web-redirect-uris', 2)).toEqual([REDIRECT, ADMIN_REDIRECT])
    const [json = ''] = optionOf(create, '--required-resource-accesses') ?? []
    expect(JSON.parse(json)).toEqual([
      {
        resourceAppId: '00000003-0000-0000-c000-000000000000',
        resourceAccess: MAIL_PERMISSIONS.map(({ id }) => ({ id, type: 'Scope' })),
      },
    ])
  })

  it('adds a secret without deleting existing ones', async () => {
    const reset = callOf(await run(scriptFor()), 'ad', 'app', 'credential', 'reset')
    expect(optionOf(reset, '--id')).toEqual([APP_ID])
    expect(reset).toContain('--append')
  })

  it('prints the client ID, the secret and where to enter them', async () => {
    const { stdout } = await run(scriptFor())
    expect(stdout).toContain('PUT /v1/integrations/microsoft/settings')
    expect(stdout).toMatch(new RegExp(`client_id +${APP_ID}\n`))
    expect(stdout).toMatch(new RegExp(`credential.client_secret +${SECRET}\n`))
    expect(stdout).toMatch(/credential.expires_at +2028-11-24T10:00:00Z\n/)
    expect(stdout).toMatch(/home_tenant +11111111-2222-4333-8444-555555555555\n/)
  })

  it('never passes the secret to another program as an argument', async () => {
    const { calls } = await run(scriptFor())
    expect(calls.flat()).not.toContain(SECRET)
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
    const signedOut = await run(scriptFor(), 'account show --output none')
    expect(callOf(signedOut, 'login')).toBeDefined()
  })

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

  it('stops at the first error and still switches back to the previous cloud', async () => {
    const done = await run(scriptFor({ cloud: 'china' }), 'ad app create')
    expect(done.code).not.toBe(0)
    expect(callOf(done, 'ad', 'app', 'credential')).toBeUndefined()
    expect(done.calls.at(-1)?.slice(0, 4)).toEqual(['cloud', 'set', '--name', 'AzureCloud'])
  })

  it('prints the secret even if a later step fails', async () => {
    const script = scriptFor().replace('grant_consent=no', 'grant_consent=yes')
    const done = await run(script, 'ad app permission grant')
    expect(done.code).not.toBe(0)
    expect(done.stdout).toContain(SECRET)
  })

  it.each([
    `O'Brien's "mail"`,
    '$(touch owned) `touch owned`',
    `'; touch owned; echo '`,
    'back\\slash\nand a second line',
  ])('passes on a hostile name unchanged: %j', async (appName) => {
    const done = await run(scriptFor({}, { appName, redirectUri: `${REDIRECT}/${appName}` }))
    expect(done.code).toBe(0)
    const create = callOf(done, 'ad', 'app', 'create')
    expect(optionOf(create, '--display-name')).toEqual([appName])
    expect(optionOf(create, '--web-redirect-uris')).toEqual([`${REDIRECT}/${appName}`])
    await expect(readFile(join(folders.at(-1) ?? '', 'owned'))).rejects.toThrow('ENOENT')
  })
})
