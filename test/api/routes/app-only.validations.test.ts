import { describe, expect, it } from 'vitest'
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import type { Validation } from '../../../schema/validation.ts'
import { appOnly, appOnlyForm, createAppOnlyWorld, smtpAppOnly } from '../app-only-world.ts'

const first = ({ outcome, diagnosis }: Validation) => ({
  outcome,
  cause: diagnosis?.candidates[0]?.cause,
})
const forms = [
  ['imap', appOnlyForm()],
  ['smtp', smtpAppOnly()],
] as const

const failedWith = (cause: string) => ({ outcome: 'failed', cause })

describe('validating an app-only account', () => {
  it('logs in as the mailbox over both protocols, saved or not', async () => {
    const world = await createAppOnlyWorld()
    expect((await world.validate(appOnlyForm())).outcome).toBe('passed')
    expect((await world.validate(smtpAppOnly())).outcome).toBe('passed')
    const { id } = await world.saveAccount()
    expect((await world.read(id)).health).toBe('ok')
    expect((await world.validateSaved(id)).outcome).toBe('passed')
    expect(world.probes.map(({ identity }) => identity)).toEqual(
      Array(3).fill('support@contoso.test'),
    )
  })

  it('warns of permissions that Mailgrant does not ask for, as far as the token can be read', async () => {
    const world = await createAppOnlyWorld()
    world.entra.control.declareAppPermissions('IMAP.AccessAsApp', 'Directory.Read.All')
    expect(await world.validate(appOnlyForm())).toMatchObject({
      outcome: 'passed',
      warnings: [expect.stringContaining('permit Directory.Read.All,')],
    })
  })

  it('reports the missing mailbox permission, with the command that grants it', async () => {
    const world = await createAppOnlyWorld()
    const validation = await world.validate(appOnlyForm({ username: 'carol@contoso.test' }))
    expect(first(validation)).toEqual(failedWith('sp-mailbox-permission-missing'))
    const [fix] = validation.diagnosis?.candidates[0]?.fixes ?? []
    expect(fix?.command).toContain("Add-MailboxPermission -Identity 'carol@contoso.test'")
    world.entra.control.setMailboxPermission('contoso.test', 'carol@contoso.test', true)
    expect((await world.validate(appOnlyForm({ username: 'carol@contoso.test' }))).outcome).toBe(
      'passed',
    )
  })

  it('names it for SMTP too, once another mailbox proves that Exchange knows the app', async () => {
    const world = await createAppOnlyWorld()
    await world.validateSaved((await world.saveAccount()).id)
    const validation = await world.validate(smtpAppOnly({ username: 'erin@contoso.test' }))
    expect(first(validation)).toEqual(failedWith('sp-mailbox-permission-missing'))
  })

  it('passes under RBAC for Applications, for the mailboxes of the role assignment only', async () => {
    const world = await createAppOnlyWorld()
    const { control } = world.entra
    control.declareAppPermissions('IMAP.AccessAsApp')
    control.setSendingRole('contoso.test', 'erin@contoso.test', true)
    const erin = smtpAppOnly({ username: 'erin@contoso.test' })
    expect((await world.validate(erin)).outcome).toBe('passed')
    expect((await world.validate(appOnlyForm())).outcome).toBe('passed')

    const { outcome, diagnosis } = await world.validate(smtpAppOnly())
    expect({ outcome, verdict: diagnosis?.verdict }).toEqual({
      outcome: 'failed',
      verdict: 'ambiguous',
    })
    const causes = diagnosis?.candidates.map(({ cause }) => cause)
    expect(causes?.slice(0, 3)).toContain('sp-mailbox-permission-missing')
    expect(JSON.stringify(diagnosis)).toMatch(
      /Test-ServicePrincipalAuthorization -Identity '[0-9a-f-]{36}' -Resource 'support@contoso.test'/,
    )
  })

  it('fails when the permission undoes RBAC for Applications', async () => {
    const world = await createAppOnlyWorld()
    world.entra.control.setSendingRole('contoso.test', 'erin@contoso.test', true)
    const { outcome, diagnosis } = await world.validate(
      smtpAppOnly({ username: 'erin@contoso.test' }),
    )
    expect(outcome).toBe('failed')
    expect(JSON.stringify(diagnosis)).toContain('Exchange requires mailbox permissions again')
  })

  it.each(forms)('reports the missing service principal for %s', async (_, form) => {
    const world = await createAppOnlyWorld()
    world.entra.control.setServicePrincipal('contoso.test', false)
    expect(first(await world.validate(form))).toEqual(failedWith('sp-not-registered-in-exchange'))
  })

  it.each(forms)('reports the missing application permission for %s', async (_, form) => {
    const world = await createAppOnlyWorld()
    world.entra.control.setAppConsent('contoso.test', false)
    expect(first(await world.validate(form))).toEqual(failedWith('app-only-permission-missing'))
  })

  it.each(forms)(
    'passes as soon as the permission is granted, although the old token is still valid, for %s',
    async (_, form) => {
      const world = await createAppOnlyWorld()
      world.entra.control.setAppConsent('contoso.test', false)
      await world.validate(form)
      world.entra.control.setAppConsent('contoso.test', true)
      world.advance(5)
      expect((await world.validate(form)).outcome).toBe('passed')
      await world.validate(form)
      expect(world.tokenRequests()).toBe(2)
    },
  )

  it('passes after an administrator has used the consent link for application permissions', async () => {
    const world = await createAppOnlyWorld()
    world.entra.control.setAppConsent('contoso.test', false)
    const made = await world.call('POST', '/v1/integrations/microsoft/admin-consent', {
      tenant: 'contoso.test',
      flow: 'app_only',
    })
    const { url } = await made.json<{ url: string }>()
    const back = await world.entra.signIn(url, { as: 'admin@contoso.test' })
    const page = await world.send(new Request(back))
    expect(page.status).toBe(200)
    expect(await world.events()).toContain('admin_consent.completed')
    expect((await world.validate(appOnlyForm())).outcome).toBe('passed')
  })

  it('reports the missing consent when Microsoft issues no token', async () => {
    const world = await createAppOnlyWorld()
    const form = appOnlyForm({ authentication: appOnly('adatum.test') })
    const validation = await world.validate(form)
    expect(first(validation)).toEqual(failedWith('app-only-not-consented'))
    expect(world.probes).toEqual([])
  })

  it('is inconclusive during an outage at Microsoft', async () => {
    const world = await createAppOnlyWorld()
    world.entra.control.faultNext({ kind: 'outage' })
    expect((await world.validate(appOnlyForm())).outcome).toBe('inconclusive')
  })

  it('counts only for an account in the same tenant', async () => {
    const world = await createAppOnlyWorld()
    await world.validate(appOnlyForm())
    const otherTenant = await world.save(appOnlyForm({ authentication: appOnly('adatum.test') }))
    expect(otherTenant.last_validation).toBeNull()
  })

  it("uses the account's stored facts in a requested diagnosis", async () => {
    const world = await createAppOnlyWorld()
    const { id } = await world.saveAccount({ username: 'carol@contoso.test' })
    const response = await world.call('POST', '/v1/diagnoses', {
      protocol: 'imap',
      stage: 'select',
      error: 'BAD User is authenticated but not connected.',
      mail_account_id: id,
    })
    const { candidates } = await response.json<Diagnosis>()
    expect(candidates[0]?.cause).toBe('sp-mailbox-permission-missing')
  })
})
