/** An authorization as the domain sees it: hashes where there were secrets, no verifier. */
import type { authorizations } from '../../schema/d1/tables.ts'
import type { FailureFacts } from '../../schema/failure.ts'
import type { Cloud, Protocol } from '../../schema/mail-servers.ts'
import { time, words } from './database.ts'

export type AuthorizationRecord = {
  id: string
  /** As stored: one that expired still reads `pending` here. */
  status: 'pending' | 'completed' | 'failed'
  username: string
  delegate: string | null
  protocols: Protocol[]
  origin: string | null
  returnUrl: string | null
  mailAccountId: string | null
  apply: 'on_save' | 'at_once'
  /** Id of the API key that asked. */
  requestedBy: string
  createdAt: Date
  /** Until when it must be started, then come back, then be decided on. */
  expiresAt: Date
  startedAt: Date | null
  consumedAt: Date | null
  endedAt: Date | null
  /** Another account than the expected one signed in. */
  mismatch: boolean
  grantId: string | null
  problem: { code: string; detail: string; facts: FailureFacts | null } | null
  hashes: { link: string; status: string; browser: string | null }
  /** What was asked of Entra; null before the first start. */
  signIn: { clientId: string; cloud: Cloud; tenant: string; scopes: string[] } | null
}

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
