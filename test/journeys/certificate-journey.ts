/**
 * From the client secret to a certificate and back, without a gap: each is stored as the next
 * credential, tried, and promoted. No grant is lost on either way.
 */
import { type Admin, ALICE, type Sandbox } from './admin.ts'
import type { Api } from './api.ts'
import { check, fail } from './steps.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'

type Shown = { type: string; certificate?: string; thumbprint_sha256?: string } | null

export function certificateJourney(api: Api, admin: Admin, sandbox: Sandbox) {
  let pem = ''

  const putNext = async (credential: object): Promise<Shown> => {
    const settings = await api.expect(200, 'PUT', `${SETTINGS}/next-credential`, credential)
    return settings.next_credential as Shown
  }

  async function verifyNext(): Promise<{ outcome: string; detail: string }> {
    const body = { credential: 'next' }
    const said = await api.expect(200, 'POST', `${SETTINGS}/verify`, body)
    return said as { outcome: string; detail: string }
  }

  async function promote(type: string): Promise<void> {
    const settings = await api.expect(200, 'POST', `${SETTINGS}/promote`)
    const now = (settings.credential as Shown)?.type
    check(now === type && settings.next_credential === null, `the credential is a ${now}`)
  }

  /** A token that has run out, and the one call to Entra that renews it with the credential of now. */
  async function refreshes(): Promise<void> {
    const { id, ended } = await admin.saveShortLived(ALICE)
    await ended()
    await sandbox.control({ reset_counts: true })
    await admin.handOut(id)
    const count = await sandbox.refreshes()
    check(count === 1, `Entra was asked ${count} times`)
  }

  return [
    [
      'Have a certificate made as the next credential: Entra does not know it yet',
      async () => {
        const next = await putNext({ type: 'certificate' })
        pem = next?.certificate ?? fail('the answer holds no certificate to upload')
        check(!JSON.stringify(next).includes('PRIVATE KEY'), 'the private key came back')
        const { outcome } = await verifyNext()
        check(outcome === 'failed', `before the upload its verification ${outcome}`)
        return `SHA-256 ${next?.thumbprint_sha256}`
      },
    ],
    [
      'Upload it at Entra, verify it, and promote it',
      async () => {
        await sandbox.control({ upload_certificate: pem })
        const { outcome, detail } = await verifyNext()
        check(outcome === 'passed', `${outcome}: ${detail}`)
        await promote('certificate')
        return detail
      },
    ],
    [
      'A token is refreshed with the certificate',
      async () => {
        await refreshes()
        return 'one call to Entra, no client secret anywhere'
      },
    ],
    [
      'Back to the client secret, in the same way',
      async () => {
        const { client_secret } = admin.facts()
        await putNext({ type: 'client_secret', client_secret })
        const { outcome, detail } = await verifyNext()
        check(outcome === 'passed', `${outcome}: ${detail}`)
        await promote('client_secret')
        await refreshes()
        return `${detail} Refreshed with it too`
      },
    ],
  ] as const
}
