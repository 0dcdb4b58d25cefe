/**
 * Rotates the credential from the client secret to a certificate and back, without downtime: each is
 * stored as the next credential, verified and promoted. No grant is lost.
 */
import type { Admin, Sandbox } from './admin.ts'
import type { Api } from './api.ts'
import { createRotation } from './rotation.ts'
import { check, fail } from './steps.ts'

export function certificateJourney(api: Api, admin: Admin, sandbox: Sandbox) {
  let pem = ''

  const { putNext, verifyNext, promote, refreshOnce, backToSecret } = createRotation(
    api,
    admin,
    sandbox,
  )

  return [
    [
      'Generate a certificate as the next credential: verification fails until the upload',
      async () => {
        const next = await putNext({ type: 'certificate' })
        pem = next?.certificate ?? fail('the response has no certificate to upload')
        check(
          !JSON.stringify(next).includes('PRIVATE KEY'),
          'the response contains the private key',
        )
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
    ['Undo the promotion: the client secret is back', backToSecret],
  ] as const
}
