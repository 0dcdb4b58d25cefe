/** Steps after an admin's consent: where it shows, and how to end it. */
import type { FixTemplate } from './cause.ts'
import { ofPersonal } from './conditions.ts'

export const consentCheckAndUndo: readonly FixTemplate[] = [
  {
    text: 'If an admin consented, it worked when {enterpriseApp} > Permissions lists the permissions under "Admin consent".',
    purpose: 'check',
    by: 'tenant_admin',
    unless: ofPersonal,
  },
  {
    text: 'To undo the consent, revoke them there, or end all access with {enterpriseApp} > Properties > "Enabled for users to sign in?" > No.',
    purpose: 'undo',
    by: 'tenant_admin',
    unless: ofPersonal,
  },
]
