import type { AuthorizationRecord } from '../../model/authorization.ts'
import type { Services } from '../../services.ts'

/** Returns the requester's name for the person who is to sign in: that of the API key. */
export async function requesterName(
  { store }: Pick<Services, 'store'>,
  { requestedBy }: Pick<AuthorizationRecord, 'requestedBy'>,
): Promise<string> {
  if (requestedBy === 'root') return 'The administrator of this service'
  const key = await store.apiKeys.read(requestedBy)
  return key ? `“${key.name}”` : `The API key ${requestedBy}`
}
