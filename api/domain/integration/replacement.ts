/** The certificate with which Mailgrant is to replace its own one, in words. Pure. */
import type { CertificateReplacement } from '../../../schema/integration.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import { ownTenant } from './verify.ts'

/** Says that a certificate waits for its upload to Entra, and what happens then. */
export function replacementWaiting(record: IntegrationRecord): string {
  const day = record.credential?.expiresAt?.toISOString().slice(0, 10)
  const request = `Mailgrant has created a certificate to replace the one that expires on ${day}. Upload it to the app registration at Entra beside the current one; Mailgrant has no permission to do that.`
  return ownTenant(record) === null
    ? `${request} Then promote it, or enter the home tenant, so that Mailgrant can ask Entra and promote it automatically.`
    : `${request} Mailgrant uses it once Entra accepts it.`
}

export const replacementView = ({
  replacement,
}: Pick<IntegrationRecord, 'replacement'>): CertificateReplacement | null =>
  replacement && {
    made_at: replacement.madeAt.toISOString(),
    tried_at: replacement.triedAt?.toISOString() ?? null,
    outcome: replacement.outcome,
    detail: replacement.detail,
  }
