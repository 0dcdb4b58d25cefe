/**
 * Rotates the credential from the client secret to none at all, and undoes that: Entra trusts the assertions that
 * Mailgrant signs. The credential is stored as the next one, verified and promoted. No grant is lost.
 */
import type { Admin, Sandbox } from './admin.ts'
import type { Api } from './api.ts'
import { createRotation } from './rotation.ts'
import { check, fail } from './steps.ts'

export function federatedJourney(api: Api, admin: Admin, sandbox: Sandbox) {
  const { putNext, verifyNext, promote, refreshOnce, backToSecret } = createRotation(
    api,
    admin,
    sandbox,
  )
  let grants: string[] = []

  /** Returns the ids of all grants that work. */
  async function workingGrants(): Promise<string[]> {
    const { data } = await api.expect(200, 'GET', '/v1/grants?status=active&limit=200')
    return (data as { id: string }[]).map(({ id }) => id).sort()
  }

  return [
    [
      'Store a federated credential as the next one: verification fails until Entra trusts it',
      async () => {
        grants = await workingGrants()
        const next = await putNext({ type: 'federated' })
        const { outcome } = await verifyNext()
        check(outcome === 'failed', `its verification ${outcome} before Entra trusts it`)
        return `subject ${next?.subject}`
      },
    ],
    [
      "The discovery document points at Mailgrant's keys",
      async () => {
        const path = '/.well-known/openid-configuration'
        const { issuer, jwks_uri } = await api.expect(200, 'GET', path)
        check(issuer === api.origin, `the issuer is ${issuer}`)
        const response = await fetch(String(jwks_uri))
        const { keys } = (await response.json()) as { keys: { kid: string; d?: string }[] }
        check(keys.length > 0 && keys.every(({ d }) => d === undefined), 'no public key')
        return `${keys.length} at ${jwks_uri}`
      },
    ],
    [
      'Enter issuer, subject and audience at Entra, verify',
      async () => {
        const settings = await api.expect(200, 'GET', '/v1/integrations/microsoft/settings')
        const { issuer, subject, audience } = settings.federated as Record<string, string>
        await sandbox.control({
          add_federated_credential: {
            issuer: issuer ?? fail('no issuer'),
            subject: subject ?? fail('no subject'),
            audience: audience ?? fail('no audience'),
          },
        })
        const { outcome, detail } = await verifyNext()
        check(outcome === 'passed', `${outcome}: ${detail}`)
        return detail
      },
    ],
    [
      'The promotion makes it the credential in use',
      async () => {
        await promote('federated')
        return 'no secret is in use any more'
      },
    ],
    [
      'A token is refreshed with an assertion',
      async () => {
        await refreshOnce()
        return 'one call to Entra, without a secret'
      },
    ],
    [
      'Undo the promotion: the client secret is back, and no grant is lost',
      async () => {
        const detail = await backToSecret()
        await sandbox.control({ remove_federated_credentials: true })
        const left = await workingGrants()
        const lost = grants.filter((id) => !left.includes(id))
        check(lost.length === 0, `lost: ${lost.join(', ')}`)
        return detail
      },
    ],
  ] as const
}
