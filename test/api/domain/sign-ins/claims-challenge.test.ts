import { describe, expect, it } from 'vitest'
import { CLAIMS } from '../../../sandbox/entra/grants.ts'
import { app } from '../../../sandbox/personas.ts'
import { encodingsOf } from '../../encodings.ts'
import { refusalResponse, scriptedEntraWorld } from '../../expired-grant.ts'
import { createWorld, type World } from '../../harness.ts'
import { bearer, createKey } from '../../keys.ts'
import { sealWithLostKey } from '../../rotation.ts'
import { savedAccount } from '../../saved-account.ts'
import {
  authorize,
  browserOf,
  callbackUrl,
  continueToMicrosoft,
  readAuthorization,
  returnFromMicrosoft,
  rowsOf,
  signIn,
} from '../../sign-in.ts'
import { rows } from '../../sql.ts'

const ERIN = 'erin@contoso.test'

/** Creates an account whose refresh Entra has refused with a claims challenge. */
async function challengedAccount(account: Parameters<typeof savedAccount>[1] = {}) {
  const world = await createWorld()
  const saved = await savedAccount(world, { username: ERIN, ...account })
  world.advance(86_400)
  const response = await world.call('POST', saved.path, {})
  expect(response.status).toBe(409)
  return { world, ...saved, response: await response.text() }
}

/** Opens a new sign-in and returns the claims that Entra receives with it. */
async function claimsAtEntra(world: World, body: Record<string, unknown>): Promise<string | null> {
  const { url } = await authorize(world, body)
  const { url: target } = await continueToMicrosoft(browserOf(world), url)
  return new URL(target).searchParams.get('claims')
}

const stored = async (world: World) =>
  (await rowsOf(world, 'grants')).at(0)?.claims_challenge_sealed

const replaceStored = (sql: string) => rows(`UPDATE grants SET claims_challenge_sealed = ${sql}`)

describe('the claims challenge of a refused refresh', () => {
  it('goes to Entra with every sign-in for the account, until one has ended well', async () => {
    const { world, id } = await challengedAccount()
    const reconnect = { mail_account_id: id, apply: 'at_once' }
    expect(await claimsAtEntra(world, reconnect)).toBe(CLAIMS)
    const { key } = await createKey(world, { scopes: ['write'] })
    const { id: authorization, url } = await authorize(world, reconnect, bearer(key))
    const browser = browserOf(world)
    await continueToMicrosoft(browser, url)
    const back = await callbackUrl(world, browser, url, ERIN)
    expect(await claimsAtEntra(world, reconnect)).toBe(CLAIMS)
    await returnFromMicrosoft(browser, back)
    expect(await readAuthorization(world, authorization)).toMatchObject({ status: 'completed' })
    expect(await stored(world)).toBeNull()
    expect(await claimsAtEntra(world, reconnect)).toBeNull()
  })

  it('is what the sign-in needs: without it, Entra refuses again', async () => {
    const { world, id } = await challengedAccount()
    await replaceStored('NULL')
    const { id: authorization, url } = await authorize(world, {
      mail_account_id: id,
      apply: 'at_once',
    })
    await signIn(world, browserOf(world), url, ERIN)
    expect(await readAuthorization(world, authorization)).toMatchObject({
      status: 'failed',
      problem: { detail: expect.stringContaining('AADSTS50076') },
    })
  })

  it('goes with a sign-in for a form, which may be closed without saving: it stays', async () => {
    const { world, id, grant } = await challengedAccount()
    const { id: authorization, url } = await authorize(world, { mail_account_id: id })
    await signIn(world, browserOf(world), url, ERIN)
    const { status, grant: fresh } = await readAuthorization(world, authorization)
    expect(status).toBe('completed')
    expect(fresh?.id).not.toBe(grant)
    expect(await claimsAtEntra(world, { mail_account_id: id })).toBe(CLAIMS)
  })

  it.each([
    ['its user name', { username: ERIN }, { username: 'Erin@contoso.test' }],
    [
      'its delegate',
      { username: 'support@contoso.test', delegate: ERIN },
      { username: 'support@contoso.test', delegate: ERIN },
    ],
  ])('goes with a sign-in that identifies the person by %s', async (_name, account, body) => {
    const { world, id } = await challengedAccount(account)
    expect(await claimsAtEntra(world, body)).toBe(CLAIMS)
    expect(await claimsAtEntra(world, { mail_account_id: id })).toBe(CLAIMS)
  })

  it('goes with the account although the person signs in under another address', async () => {
    const { world, id } = await challengedAccount()
    await rows("UPDATE grants SET signed_in_as = 'e.evans@contoso.test'")
    expect(await claimsAtEntra(world, { mail_account_id: id })).toBe(CLAIMS)
    expect(await claimsAtEntra(world, { username: ERIN })).toBeNull()
  })

  it('goes with no sign-in for another mailbox, or for the mailbox of another customer', async () => {
    const { world, id } = await challengedAccount()
    expect(await claimsAtEntra(world, { username: ERIN, customer: 'acme' })).toBeNull()
    expect(await claimsAtEntra(world, { username: 'alice@contoso.test' })).toBeNull()
    expect(await claimsAtEntra(world, { username: ERIN, delegate: 'bob@contoso.test' })).toBeNull()
    const other = { mail_account_id: id, username: 'bob@contoso.test' }
    expect(await claimsAtEntra(world, other)).toBeNull()
  })

  it('goes to the app that it was given to, and no other', async () => {
    const { world, id } = await challengedAccount()
    await rows('UPDATE grants SET client_id = ?', app.clientId.replace(/^./, '0'))
    expect(await claimsAtEntra(world, { mail_account_id: id })).toBeNull()
  })

  it.each<[string, (grant: string) => Promise<unknown>]>([
    ['is damaged', () => replaceStored('substr(claims_challenge_sealed, 1, 90)')],
    ['was moved here', () => replaceStored('(SELECT access_token_sealed FROM grant_tokens)')],
    ['lost its key', (grant) => sealWithLostKey('grants', 'claims_challenge', grant)],
  ])('does not hinder the sign-in when it %s', async (_name, damage) => {
    const { world, id, grant } = await challengedAccount()
    await damage(grant)
    expect(await claimsAtEntra(world, { mail_account_id: id })).toBeNull()
  })

  it('is encrypted, and stands in no log, response, event or page', async () => {
    const { world, id, grant, response } = await challengedAccount()
    const reconnect = { mail_account_id: id, apply: 'at_once' }
    const { id: authorization, url } = await authorize(world, reconnect)
    const link = await (await world.send(new Request(url))).text()
    const done = await signIn(world, browserOf(world), url, ERIN)
    const paths = ['events?limit=200', 'grants', `grants/${grant}`, `mail-accounts/${id}`]
    const seen = [response, link, done.text, ...world.lines, await world.dump()]
    for (const path of [...paths, `authorizations/${authorization}`, 'key-ring']) {
      seen.push(await (await world.call('GET', `/v1/${path}`)).text())
    }
    for (const form of [...encodingsOf(CLAIMS), JSON.stringify(CLAIMS).slice(1, -1), 'capolids']) {
      expect(seen.filter((text) => text.includes(form))).toEqual([])
    }
  })
})

describe('a refresh', () => {
  const challenge = (claims: unknown) =>
    Response.json(
      {
        error: 'invalid_grant',
        error_codes: [50076],
        error_description: 'AADSTS50076: no',
        claims,
      },
      { status: 400 },
    )

  it.each([
    ['is longer than 4096 characters', `{"a":"${'x'.repeat(4096)}"}`],
    ['is no JSON object', '["a"]'],
    ['is no JSON', '{"a"'],
    ['is no text', { a: 1 }],
  ])('keeps no challenge that %s', async (_name, claims) => {
    const { script, refreshNow, row } = await scriptedEntraWorld()
    script.respond = async () => challenge(claims)
    await refreshNow()
    expect(await row()).toMatchObject({
      state: 'reconnect_required',
      claims_challenge_sealed: null,
    })
  })

  it('that fails without a challenge leaves the earlier one, and one that succeeds deletes it', async () => {
    const { script, refreshNow, row, world } = await scriptedEntraWorld()
    script.respond = async () => challenge('{"first":1}')
    await refreshNow()
    const first = (await row())?.claims_challenge_sealed
    expect(first).toMatch(/^eyJ/)
    for (const response of [
      () => new Response('down', { status: 503 }),
      () => refusalResponse('invalid_grant', 50173),
    ]) {
      script.respond = async () => response()
      await refreshNow()
      expect((await row())?.claims_challenge_sealed).toBe(first)
    }
    script.respond = async () => challenge('{"second":2}')
    await refreshNow()
    expect(await claimsAtEntra(world, { username: 'alice@contoso.test' })).toBe('{"second":2}')
    script.respond = async () => null
    await refreshNow()
    expect(await row()).toMatchObject({ state: 'active', claims_challenge_sealed: null })
  })
})
