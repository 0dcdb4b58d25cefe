/** Refreshes that grant other protocols than the sign-in did: the grant and its accounts say so. */
import { expect, it } from 'vitest'
import { scriptedEntraWorld } from '../../expired-grant.ts'
import { activeMailWorld, imapForm, smtpForm } from '../../mail-world.ts'
import { DAY } from '../operations/maintenance/run.ts'

/** Creates a mailbox with an IMAP and an SMTP account whose grant has just lost SMTP in a refresh. */
async function lostSmtp() {
  const world = await activeMailWorld()
  const grant = await world.grant('alice@contoso.test')
  const imap = await world.save(imapForm(grant))
  const smtp = await world.save(smtpForm(grant))
  const issueToken = (id: string) => world.call('POST', `/v1/mail-accounts/${id}/access-token`, {})
  const shown = async (path: string) =>
    (await world.call('GET', path)).json<Record<string, unknown>>()
  const lose = (scopes: string[]) => world.entra.control.faultNext({ kind: 'fewer_scopes', scopes })
  world.advance(DAY)
  lose(['IMAP.AccessAsUser.All'])
  expect((await issueToken(imap.id)).status).toBe(200)
  const refreshes = () => world.entra.counts().token.refresh_token
  return { world, grant, imap, smtp, issueToken, shown, lose, refreshes }
}

const eventsOf = async ({ shown, grant }: Awaited<ReturnType<typeof lostSmtp>>) =>
  (await shown(`/v1/events?subject=${grant}&type=grant.protocols_changed`)).data

it('takes a lost protocol from the grant, and blocks its accounts and no others', async () => {
  const one = await lostSmtp()
  const { grant, issueToken, imap, refreshes, shown, smtp } = one
  expect(await shown(`/v1/grants/${grant}`)).toMatchObject({
    status: 'active',
    protocols: ['imap'],
    warnings: [expect.stringContaining('SMTP was requested but not granted')],
  })
  expect(await eventsOf(one)).toMatchObject([
    { data: { protocols: 'imap', lost: 'smtp', signed_in_as: 'alice@contoso.test' } },
  ])
  expect(await shown(`/v1/mail-accounts/${smtp.id}`)).toMatchObject({
    health: 'blocked',
    problem: {
      code: 'protocol_not_granted',
      detail: expect.stringContaining('no longer grants SMTP to alice@contoso.test'),
    },
  })
  expect(await shown(`/v1/mail-accounts/${imap.id}`)).toMatchObject({ health: 'unverified' })
  for (const more of ['', '&username=alice@contoso.test']) {
    const blocked = await shown(`/v1/mail-accounts?health=blocked${more}`)
    expect(blocked).toMatchObject({ data: [{ id: smtp.id }] })
  }
  const before = refreshes()
  const refused = await issueToken(smtp.id)
  expect(refused.status).toBe(409)
  expect(await refused.json()).toMatchObject({ code: 'protocol_not_granted' })
  expect((await issueToken(imap.id)).status).toBe(200)
  expect(refreshes()).toBe(before)
})

it('refuses it at once when the very refresh has lost the protocol', async () => {
  const { issueToken, lose, shown, imap, grant, world } = await lostSmtp()
  world.advance(DAY)
  lose(['SMTP.Send'])
  expect(await (await issueToken(imap.id)).json()).toMatchObject({ code: 'protocol_not_granted' })
  expect(await shown(`/v1/grants/${grant}`)).toMatchObject({ protocols: ['smtp'] })
})

it('gives a protocol back that a later refresh grants again, with an event', async () => {
  const one = await lostSmtp()
  one.world.advance(DAY)
  expect((await one.issueToken(one.smtp.id)).status).toBe(200)
  expect(await one.shown(`/v1/grants/${one.grant}`)).toMatchObject({
    protocols: ['imap', 'smtp'],
    warnings: [],
  })
  expect(await one.shown(`/v1/mail-accounts/${one.smtp.id}`)).toMatchObject({
    health: 'unverified',
  })
  expect(await eventsOf(one)).toMatchObject([
    { data: { protocols: 'imap smtp', regained: 'smtp' } },
    { data: { lost: 'smtp' } },
  ])
})

it('asks Microsoft at once when somebody validates after the repair', async () => {
  const { lose, refreshes, shown, smtp, world } = await lostSmtp()
  const validate = () => world.call('POST', `/v1/mail-accounts/${smtp.id}/validate`)
  const before = refreshes()
  // Within a minute of the last response, the refusal remains.
  expect(await (await validate()).json()).toMatchObject({ code: 'protocol_not_granted' })
  expect(refreshes()).toBe(before)
  world.advance(61)
  lose(['IMAP.AccessAsUser.All'])
  expect(await (await validate()).json()).toMatchObject({ code: 'protocol_not_granted' })
  expect(world.probes).toEqual([])
  world.advance(61)
  expect(await (await validate()).json()).toMatchObject({ outcome: 'passed' })
  expect(refreshes()).toBe(before + 2)
  expect(await shown(`/v1/mail-accounts/${smtp.id}`)).toMatchObject({ health: 'ok' })
})

it.each([
  ['no scope, which means the requested one', {}],
  ['an empty scope, which means nothing', { scope: '' }],
])('keeps the protocols when the response has %s', async (_what, response) => {
  const { refresh, row, script } = await scriptedEntraWorld()
  const issued = { token_type: 'Bearer', access_token: 'a-token', expires_in: 3600 }
  script.respond = async () => Response.json({ ...issued, ...response })
  expect((await refresh()).ok).toBe(true)
  expect(await row()).toMatchObject({ protocols: 'imap smtp', version: 1 })
})

it('adds no protocol that the sign-in did not ask for', async () => {
  const world = await activeMailWorld()
  const grant = await world.grant('alice@contoso.test', { protocols: ['imap'] })
  const { id } = await world.save(imapForm(grant))
  const { entra } = world.services
  const { refresh } = entra
  entra.refresh = async (input) => {
    const response = await refresh(input)
    if (!response.ok) return response
    const scope = `${response.tokens.scope} https://outlook.office.com/SMTP.Send`
    return { ...response, tokens: { ...response.tokens, scope } }
  }
  world.advance(DAY)
  expect((await world.call('POST', `/v1/mail-accounts/${id}/access-token`, {})).status).toBe(200)
  expect(await (await world.call('GET', `/v1/grants/${grant}`)).json()).toMatchObject({
    protocols: ['imap'],
  })
})
