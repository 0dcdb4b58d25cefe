import { describe, expect, it } from 'vitest'
import { enableGraph } from '../../graph-world.ts'
import { activeWorld } from '../../harness.ts'
import {
  authorize,
  browserOf,
  CALLBACK,
  codeRedemptions,
  getWithCookie,
  readAuthorization,
  signIn,
  startSignIn,
} from '../../sign-in.ts'
import { eventsOf } from '../../sql.ts'

describe('a refusal by Microsoft', () => {
  it.each([
    ['access_denied', 'AADSTS65004: call 555-CANARY', /declined.*AADSTS65004/],
    ['access_denied', 'no number', /cancelled or declined/],
    ['consent_required', 'AADSTS90094: Admin', /Only an admin may consent.*AADSTS90094/],
    ['invalid_scope', 'AADSTS70011: what', /AADSTS70011/],
    ['server_error', 'AADSTS90033: busy', /Start the sign-in again \(AADSTS90033\)/],
    ['unauthorized_client', 'AADSTS700016: who', /AADSTS700016/],
    ['"><script>', 'x', /Start the sign-in again/],
  ])('is stored as a readable result: %s (%s)', async (error, description, detail) => {
    const world = await activeWorld()
    const { id, back, cookie } = await startSignIn(world)
    const state = back.searchParams.get('state') ?? ''
    const refused = new URL(CALLBACK)
    refused.search = new URLSearchParams({
      error,
      error_description: description,
      state,
    }).toString()
    const response = await getWithCookie(world, refused, cookie)
    expect(response.status).toBe(400)
    const authorization = await readAuthorization(world, id)
    expect(authorization).toMatchObject({
      status: 'failed',
      problem: { code: 'sign_in_refused', detail: expect.stringMatching(detail) },
    })
    const shown = (await response.text()) + JSON.stringify(authorization)
    expect(shown).not.toMatch(/CANARY|<script>/)
    expect(codeRedemptions(world)).toBe(0)
    expect(await eventsOf(id)).toContain('authorization.failed')
    // A browser can forge this response, so it proves nothing about the credential.
    expect(await world.get('/v1/integrations/microsoft')).toMatchObject({ problems: [] })
  })

  it('comes with an admin-consent link when every mail permission was declined', async () => {
    const world = await activeWorld()
    const created = await authorize(world)
    world.entra.control.faultNext({ kind: 'fewer_scopes', scopes: [] })
    const page = await signIn(world, browserOf(world), created.url)
    const link = page.body.match(/<textarea[^>]*>([^<]+)</)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(link).toContain('/organizations/v2.0/adminconsent?')
    const { problem } = await readAuthorization(world, created.id)
    const urls = problem?.diagnosis?.candidates.flatMap(({ fixes }) => fixes.map(({ url }) => url))
    expect(urls).toContain(link)
  })

  it('comes with a link for each API that the sign-in asked for', async () => {
    const world = await activeWorld()
    await enableGraph(world)
    const created = await authorize(world, { protocols: ['imap', 'graph_send'] })
    world.entra.control.faultNext({ kind: 'fewer_scopes', scopes: [] })
    const page = await signIn(world, browserOf(world), created.url)
    const links = [...page.body.matchAll(/>(https:[^<]+adminconsent[^<]+)<\/textarea>/g)]
    const scopes = links.map(([, link = '']) =>
      new URL(link.replaceAll('&amp;', '&')).searchParams.get('scope'),
    )
    expect(scopes).toEqual([
      expect.stringContaining('IMAP.AccessAsUser.All'),
      expect.stringContaining('https://graph.microsoft.com/Mail.Send'),
    ])
  })

  it('comes without a link when admin consent would not help', async () => {
    const world = await activeWorld()
    const { back, cookie } = await startSignIn(world)
    const state = back.searchParams.get('state') ?? ''
    const url = `${CALLBACK}?error=access_denied&error_description=AADSTS50105&state=${state}`
    expect(await (await getWithCookie(world, url, cookie)).text()).not.toContain('adminconsent')
  })
})
