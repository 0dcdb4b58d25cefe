/** Tests the Entra client against a strict authorization server. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authorityOf, issuerFits } from '../../api/entra/authority.ts'
import { grantedProtocols } from '../../api/entra/scopes.ts'
import { type OidcServer, startOidcServer } from './oidc-server.ts'
import { olga, pavel, TENANT } from './people.ts'
import { signIn } from './sign-in.ts'

let server: OidcServer

beforeAll(async () => {
  server = await startOidcServer(['http://localhost:8787/oauth/microsoft/callback'])
})

afterAll(async () => {
  await server?.stop()
})

describe('the Entra client against a strict server', () => {
  it('exchanges a code with PKCE and accepts the id_token', async () => {
    const { tokens, identity, issuer } = await signIn(server, olga)
    expect(identity).toMatchObject({
      ok: true,
      claims: { tid: TENANT, oid: olga.oid, preferredUsername: olga.username },
    })
    expect(grantedProtocols('global', tokens.scope)).toEqual(['imap', 'smtp'])
    expect(tokens.refreshToken).not.toBeNull()
    expect(issuerFits(authorityOf('global', TENANT, server.origin), issuer ?? '')).toBe(true)
  })

  it('receives only the protocols it asks for', async () => {
    const { tokens } = await signIn(server, olga, ['smtp'])
    expect(grantedProtocols('global', tokens.scope)).toEqual(['smtp'])
  })

  it('parses the refusal of a code that was already used', async () => {
    const { exchangeAgain } = await signIn(server, pavel)
    expect(await exchangeAgain()).toMatchObject({
      ok: false,
      failure: { kind: 'refused', refusal: { error: 'invalid_grant', aadsts: null } },
    })
  })

  it('refreshes with the rotated token, and reuse of an old one revokes the whole family', async () => {
    const { tokens, refresh } = await signIn(server, pavel)
    const first = tokens.refreshToken ?? ''
    const second = await refresh(first)
    if (!second.ok || second.tokens.refreshToken === null) throw new Error('first refresh failed')
    expect(second.tokens.refreshToken).not.toBe(first)
    const third = await refresh(second.tokens.refreshToken)
    if (!third.ok || third.tokens.refreshToken === null) throw new Error('second refresh failed')

    // The Worker's tests depend on this strictness.
    expect(await refresh(first)).toMatchObject({ ok: false })
    expect(await refresh(third.tokens.refreshToken)).toMatchObject({
      ok: false,
      failure: { kind: 'refused', refusal: { error: 'invalid_grant' } },
    })
  })
})
