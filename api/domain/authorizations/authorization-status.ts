/** How an authorization stands, in the words of pages and answers. Pure. */
import type { AuthorizationStatus } from '../../../schema/authorization.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'

export const statusOf = (record: AuthorizationRecord, now: Date): AuthorizationStatus =>
  record.status === 'pending' && record.expiresAt <= now ? 'expired' : record.status

/** Why an authorization ran out, and what to do: it depends on how far it came. */
export function expiryDetail(record: AuthorizationRecord): string {
  if (record.mismatch) {
    return 'Another account signed in, and nobody said in time whether to keep it. Nothing was kept: start again.'
  }
  if (record.consumedAt) {
    return 'The sign-in came back, but its result could not be stored. Nothing was kept: start again.'
  }
  if (record.startedAt) {
    return "Nobody came back from Microsoft's sign-in in time. If it ended on a page of Microsoft's, that page says why. Start again."
  }
  return 'The link was not opened in time: make a new one.'
}

/** What a grant's page and its reader must know after another account was kept on purpose. */
export const mismatchWarning = (signedInAs: string, username: string) =>
  `${signedInAs} signed in, not ${username}. To save this, name ${signedInAs} as \`delegate\`.`

/** Stands in for the hash of an authorization that is not there, so that both cost the same. */
export const NO_HASH = ''
