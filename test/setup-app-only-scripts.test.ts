/** Runs the bash script for app-only access in a real bash with a fake Azure CLI that records its calls. */
import { describe, expect, it } from 'vitest'
import type { Protocol } from '../schema/mail-servers.ts'
import { createAzureCli } from './azure-cli.ts'
import { guideFor, readScript } from './setup-guide.ts'

const APP_ID = '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11'
const GRAPH = 'https://graph.microsoft.com/v1.0'
const ASSIGNMENTS = `${GRAPH}/servicePrincipals/enterprise-object/appRoleAssignments`

/** A fake `az` that prints what the real one does. */
const AZ = `\
  'cloud show --query name'*) printf 'AzureCloud\\r\\n' ;;
  'cloud show --query endpoints'*) printf 'https://graph.microsoft.com/\\r\\n' ;;
  *IMAP.AccessAsApp*) printf 'role-imap\\r\\n' ;;
  *SMTP.SendAsApp*) printf 'role-smtp\\r\\n' ;;
  *Mail.Send*) printf 'role-graph\\r\\n' ;;
  'ad sp show --id 00000002'*) printf 'exchange-object\\r\\n' ;;
  'ad sp show --id ${APP_ID} --query id'*) printf 'enterprise-object\\r\\n' ;;
  'rest --method GET'*role-imap*) printf 'given-before\\r\\n' ;;
  'rest --method GET'*role-smtp*) printf '%s\\r\\n' "$AZ_ASSIGNED" ;;
  'rest --method GET'*role-graph*) printf '%s\\r\\n' "$AZ_GRAPH_ASSIGNED" ;;
  'ad app show --id ${APP_ID} --query'*role-imap*) printf '%s\\r\\n' "$AZ_DECLARED" ;;
  'ad app show --id ${APP_ID} --query'*role-smtp*) printf '%s\\r\\n' "$AZ_SENDS" ;;
  'ad app show --id ${APP_ID} --query'*role-graph*) printf '%s\\r\\n' "$AZ_GRAPH_DECLARED" ;;`

type World = {
  /** ID of the permission to read or to send, if the app registration declares it already. */
  declared?: string
  sends?: string
  /** ID of the assignment of the permission to send. */
  assigned?: string
  /** ID of Microsoft Graph's permission to send, if the app registration declares it already. */
  graphDeclared?: string
  graphAssigned?: string
}

async function run(
  clientId: string | null,
  world: World = {},
  options: string[] = [],
  protocols: Protocol[] = ['imap', 'smtp'],
) {
  const guide = guideFor({ clientId, homeTenant: 'contoso.com', protocols })
  const { declared = '', sends = '', assigned = '' } = world
  const { graphDeclared = '', graphAssigned = '' } = world
  const script = guide.app_only?.azure_cli ?? ''
  const { calls, ...done } = await createAzureCli(AZ).run(script, options, {
    AZ_DECLARED: declared,
    AZ_SENDS: sends,
    AZ_ASSIGNED: assigned,
    AZ_GRAPH_DECLARED: graphDeclared,
    AZ_GRAPH_ASSIGNED: graphAssigned,
  })
  return { ...done, calls: calls.map((call) => call.join(' ')) }
}

describe('the Azure CLI script for app-only access', () => {
  const declaredIn = (calls: string[]) =>
    calls
      .filter((call) => call.startsWith('ad app permission add'))
      .map((call) => /--api-permissions (\S+)/.exec(call)?.[1])

  it('declares both permissions with the IDs that Exchange Online uses for them, and grants the missing consent', async () => {
    const { code, calls, stderr } = await run(APP_ID)
    expect(code, stderr).toBe(0)
    expect(declaredIn(calls)).toEqual(['role-imap=Role', 'role-smtp=Role'])
    const posts = calls.filter((call) => call.startsWith('rest --method POST'))
    expect(posts).toHaveLength(1)
    expect(posts[0]).toContain(`--url ${ASSIGNMENTS}`)
    expect(JSON.parse(/--body (.*)$/.exec(posts[0] ?? '')?.[1] ?? '')).toEqual({
      principalId: 'enterprise-object',
      resourceId: 'exchange-object',
      appRoleId: 'role-smtp',
    })
    // The script ends in the cloud that was set before it.
    expect(calls.at(-1)).toBe('cloud set --name AzureCloud --output none')
  })

  it('declares no permission twice', async () => {
    const { code, calls, stderr } = await run(APP_ID, { declared: 'role-imap' })
    expect(code, stderr).toBe(0)
    expect(declaredIn(calls)).toEqual(['role-smtp=Role'])
  })

  it('prints the Exchange commands with the object ID of the enterprise application', async () => {
    const { stdout } = await run(APP_ID)
    expect(stdout).toContain(`New-ServicePrincipal -AppId ${APP_ID} -ObjectId enterprise-object`)
    expect(stdout).toContain('-User enterprise-object -AccessRights FullAccess')
    // Otherwise Exchange refuses every SMTP login (535 5.7.139).
    expect(stdout).toContain('MAILBOX -SmtpClientAuthenticationDisabled $false\n')
  })

  it('does nothing without a client ID', async () => {
    const { code, stderr, calls } = await run(null)
    expect(code).toBe(1)
    expect(stderr).toContain('Enter the client ID')
    expect(calls).toEqual([])
  })

  it('does nothing before the guide has filled in its values', async () => {
    const script = readScript('app-only.sh').replace("app_id=''", `app_id=${APP_ID}`)
    const { code, stderr, calls } = await createAzureCli(AZ).run(script, [], {})
    expect(code).toBe(2)
    expect(stderr).toContain('Take this script from the setup guide')
    expect(calls).toEqual([])
  })
})

describe('the Azure CLI script for app-only access, with a group for sending', () => {
  const group = ['--group', "Support's mailboxes"]
  const changes = (calls: string[]) =>
    calls.filter((call) => /^ad app permission|^rest --method (?!GET)/.test(call))

  it('leaves out the permission to send, and prints the role assignment for its members and how to check it', async () => {
    const { code, calls, stderr, stdout } = await run(APP_ID, {}, group)
    expect(code, stderr).toBe(0)
    expect(changes(calls)).toEqual([expect.stringContaining('role-imap=Role')])
    expect(stdout).toContain("$group = Get-DistributionGroup -Identity 'Support''s mailboxes'\n")
    // The distinguished name contains the name of the group, whose quote would end the text of the filter.
    expect(stdout).toContain(`$members = $group.DistinguishedName.Replace("'", "''")\n`)
    expect(stdout).toContain(
      `New-ManagementScope -Name 'Mailgrant sending' -RecipientRestrictionFilter "MemberOfGroup -eq '$members'"\n`,
    )
    expect(stdout).toContain(
      `New-ManagementRoleAssignment -Role "Application SMTP.SendAsApp" -App ${APP_ID} -CustomResourceScope 'Mailgrant sending'\n`,
    )
    expect(stdout).toContain(`Test-ServicePrincipalAuthorization -Identity ${APP_ID}`)
    // Reading has no such role, so it gets Full Access.
    expect(stdout).toContain('Add-MailboxPermission')
    expect(stdout).not.toContain('Add-RecipientPermission')
  })

  it.each([
    [{ sends: 'role-smtp' }, `az ad app permission delete --id ${APP_ID}`],
    [{ assigned: 'assignment-1' }, `az rest --method DELETE --url ${ASSIGNMENTS}/assignment-1`],
  ])('refuses to add it to the permission that undoes it: %j', async (world, command) => {
    const { code, stderr, stdout, calls } = await run(APP_ID, world, group)
    expect(code).toBe(2)
    expect(stderr).toContain('Exchange ignores the group')
    expect(stderr).toContain(command)
    expect(changes(calls)).toEqual([])
    expect(stdout).toBe('')
  })

  it.each([[['--group']], [['--group', '']], [['--groups', 'x']]])(
    'is checked before anything is done: %j',
    async (options) => {
      const { code, stderr, calls } = await run(APP_ID, {}, options)
      expect(code).toBe(2)
      expect(stderr).toContain('The only option is --group NAME.')
      expect(calls).toEqual([])
    },
  )
})

describe('the Azure CLI script for app-only access through Microsoft Graph', () => {
  const group = ['--group', 'Senders']
  const changes = (calls: string[]) =>
    calls.filter((call) => /^ad app permission|^rest --method (?!GET)/.test(call))

  it('adds no permission in Entra, and prints the role of Exchange Online for the group', async () => {
    const { code, calls, stderr, stdout } = await run(APP_ID, {}, group, ['graph_send'])
    expect(code, stderr).toBe(0)
    expect(changes(calls)).toEqual([])
    expect(stdout).toContain(`New-ServicePrincipal -AppId ${APP_ID} -ObjectId enterprise-object`)
    expect(stdout).toContain(
      `New-ManagementRoleAssignment -Role "Application Mail.Send" -App ${APP_ID} -CustomResourceScope 'Mailgrant sending'\n`,
    )
    expect(stdout).toContain(`Test-ServicePrincipalAuthorization -Identity ${APP_ID}`)
    expect(stdout).not.toMatch(/MailboxPermission|CASMailbox|SMTP/)
  })

  it('prints the roles of both ways to send, if the settings list both', async () => {
    const { stdout } = await run(APP_ID, {}, group, ['imap', 'smtp', 'graph_send'])
    expect(stdout.match(/-Role "Application [^"]+"/g)).toEqual([
      '-Role "Application Mail.Send"',
      '-Role "Application SMTP.SendAsApp"',
    ])
  })

  it.each([
    [
      { graphDeclared: 'role-graph' },
      `az ad app permission delete --id ${APP_ID} --api 00000003-0000-0000-c000-000000000000 --api-permissions role-graph`,
    ],
    [
      { graphAssigned: 'assignment-2' },
      `az rest --method DELETE --url ${ASSIGNMENTS}/assignment-2`,
    ],
  ])('refuses a group beside the permission for every mailbox: %j', async (world, command) => {
    const { code, stderr, stdout, calls } = await run(APP_ID, world, group, ['graph_send'])
    expect(code).toBe(2)
    expect(stderr).toContain('it sends as every mailbox, whether or not it is in the group')
    expect(stderr).toContain(command)
    expect(changes(calls)).toEqual([])
    expect(stdout).toBe('')
  })

  it('requires a group for it, and prepares the other protocols without one', async () => {
    const alone = await run(APP_ID, {}, [], ['graph_send'])
    expect([alone.code, alone.calls]).toEqual([2, []])
    expect(alone.stderr).toContain('--group NAME')
    const beside = await run(APP_ID, {}, [], ['imap', 'smtp', 'graph_send'])
    expect(beside.code, beside.stderr).toBe(0)
    expect(beside.stdout).toContain('Nothing is prepared for Microsoft Graph')
    expect(beside.stdout).not.toContain('Mail.Send')
  })

  it('allows a group nothing if no protocol sends', async () => {
    const { code, stderr, calls } = await run(APP_ID, {}, group, ['imap'])
    expect([code, calls]).toEqual([2, []])
    expect(stderr).toContain('no protocol that sends')
  })
})
