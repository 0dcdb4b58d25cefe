/** Authorizations as the domain sees them: secrets as hashes, and no verifier. */
import type { authorizations } from '../../schema/d1/tables.ts'
import type { Protocol } from '../../schema/mail-servers.ts'
import type { AuthorizationRecord } from '../model/authorization.ts'
import { time, words } from './database.ts'

export function toAuthorization(row: typeof authorizations.$inferSelect): AuthorizationRecord {
  const { clientId, cloud, tenant, scopes } = row
  return {
    id: row.id,
    status: row.status,
    username: row.username,
    delegate: row.delegate,
    protocols: words(row.protocols) as Protocol[],
    origin: row.origin,
    returnUrl: row.returnUrl,
    mailAccountId: row.mailAccountId,
    apply: row.apply,
    requestedBy: row.requestedBy,
    createdAt: new Date(row.createdAt),
    expiresAt: new Date(row.expiresAt),
    startedAt: time(row.startedAt),
    consumedAt: time(row.consumedAt),
    endedAt: time(row.endedAt),
    mismatch: row.mismatch,
    grantId: row.grantId,
    problem:
      row.problemCode === null
        ? null
        : {
            code: row.problemCode,
            detail: row.problemDetail ?? '',
            facts: row.problemFacts,
          },
    hashes: { link: row.linkHash, status: row.statusHash, browser: row.browserHash },
    signIn:
      clientId === null || cloud === null || tenant === null
        ? null
        : { clientId, cloud, tenant, scopes: words(scopes ?? '') },
  }
}
