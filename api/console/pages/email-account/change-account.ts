/** Changes members of a saved account, and nothing else of it. */
import type { MailAccount, MailAccountInput } from '../../../../schema/mail-account.ts'
import { request } from '../../api.ts'

/** Returns the account as it is saved. Throws ApiError, also if someone else saves it meanwhile. */
export async function changeAccount(
  id: string,
  changes: Partial<MailAccountInput>,
): Promise<MailAccount> {
  const path = `/v1/mail-accounts/${id}`
  const { body, etag } = await request<MailAccount>(path)
  const saved = await request<MailAccount>(path, {
    method: 'PUT',
    body: { ...body, ...changes },
    headers: etag === null ? {} : { 'if-match': etag },
  })
  return saved.body
}
