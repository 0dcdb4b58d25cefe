/**
 * Rotates the credential from the client secret to a certificate and back, without downtime: each is
 * stored as the next credential, verified and promoted. No grant is lost.
 */
import { type Admin, ALICE, type Sandbox } from './admin.ts'
import type { Api } from './api.ts'
import { check, fail } from './steps.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'

type Credential = { type: string; certificate?: string; thumbprint_sha256?: string } | null

export function certificateJourney(api: Api, admin: Admin, sandbox: Sandbox) {
  let pem = ''

  const putNext = async (credential: object): Promise<Credential> => {
    const settings = await api.expect(200, 'PUT', `${SETTINGS}/next-credential`, credential)
    return settings.next_credential as Credential
  }

  async function verifyNext(): Promise<{ outcome: string; detail: string }> {
    const body = { credential: 'next' }
    const verification = await api.expect(200, 'POST', `${SETTINGS}/verify`, body)
    return verification as { outcome: string; detail: string }
  }

  async function promote(type: string): Promise<void> {
    const settings = await api.expect(200, 'POST', `${SETTINGS}/promote`)
    const current = (settings.credential as Credential)?.type
    check(current === type && settings.next_credential === null, `the credential is a ${current}`)
  }

  /** Refreshes an expired token with the current credential, in a single call to Entra. */
  async function refreshOnce(): Promise<void> {
    const { id, expired } = await admin.saveShortLived(ALICE)
    await expired()
    await sandbox.control({ reset_counts: true })
    await admin.handOut(id)
    const count = await sandbox.refreshes()
    check(count === 1, `${count} refreshes at Entra instead of one`)
  }

  return [
    [
      'Generate a certificate as the next credential: verification fails until the upload',
      async () => {
        const next = await putNext({ type: 'certificate' })
        pem = next?.certificate ?? fail('the answer has no certificate to upload')
        check(!JSON.stringify(next).includes('PRIVATE KEY'), 'the answer contains the private key')
        const { outcome } = await verifyNext()
        check(outcome === 'failed', `its verification ${outcome} before the upload`)
        return `SHA-256 ${next?.thumbprint_sha256}`
      },
    ],
    [
      'Upload the certificate at Entra, verify and promote it',
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
        await refreshOnce()
        return 'one call to Entra, without a client secret'
      },
    ],
    [
      'Rotate back to the client secret',
      async () => {
        const { client_secret } = admin.facts()
        await putNext({ type: 'client_secret', client_secret })
        const { outcome, detail } = await verifyNext()
        check(outcome === 'passed', `${outcome}: ${detail}`)
        await promote('client_secret')
        await refreshOnce()
        return `${detail} A token was refreshed with it`
      },
    ],
  ] as const
}
