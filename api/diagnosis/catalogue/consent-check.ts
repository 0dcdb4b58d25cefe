/** Steps after an admin's consent: where it shows, and how to end it. */
import type { FixTemplate } from './cause.ts'
import { ofPersonal } from './conditions.ts'

export const consentCheckAndUndo: readonly FixTemplate[] = [
  {
    text: 'It worked when {enterpriseApp} > Permissions lists the permissions under "Admin consent".',
    purpose: 'check',
    unless: ofPersonal,
  },
  {
    text: 'To undo it, revoke them there, or end all access with {enterpriseApp} > Properties > "Enabled for users to sign in?" > No.',
    purpose: 'undo',
    unless: ofPersonal,
  },
]
