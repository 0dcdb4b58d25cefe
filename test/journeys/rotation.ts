/** Steps of a rotation of the app's credential: store the next one, verify it, promote it, refresh with it. */
import { type Admin, ALICE, type Sandbox } from './admin.ts'
import type { Api } from './api.ts'
import { check } from './steps.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'

type Credential = {
  type: string
  certificate?: string
  thumbprint_sha256?: string
  issuer?: string
  subject?: string
  audience?: string
} | null

export function createRotation(api: Api, admin: Admin, sandbox: Sandbox) {
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
    check(current === type && settings.undo_until !== null, `the credential is a ${current}`)
  }

  /** Refreshes an expired token with the current credential, in a single call to Entra. */
  async function refreshOnce(): Promise<void> {
    const { id, expired } = await admin.saveShortLived(ALICE)
    await expired()
    await sandbox.control({ reset_counts: true })
    await admin.issueToken(id)
    const count = await sandbox.refreshes()
    check(count === 1, `${count} refreshes at Entra instead of one`)
  }

  /** Undoes the promotion, forgets the other credential, and refreshes a token with the client secret. */
  async function backToSecret(): Promise<string> {
    const settings = await api.expect(200, 'POST', `${SETTINGS}/promote`)
    const current = (settings.credential as Credential)?.type
    check(current === 'client_secret', `the credential is a ${current}`)
    await api.expect(204, 'DELETE', `${SETTINGS}/next-credential`)
    await refreshOnce()
    return 'A token was refreshed with it'
  }

  return { putNext, verifyNext, promote, refreshOnce, backToSecret }
}
