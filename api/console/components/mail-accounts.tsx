/** The last validation of a mail account. */
import type { MailAccount } from '../../../schema/mail-account.ts'
import { OutcomeBadge } from './state.tsx'
import { Ago } from './time.tsx'

/** The outcome of an account's last validation, and when that was. */
export const LastValidation = (props: {
  validation: NonNullable<MailAccount['last_validation']>
}) => (
  <>
    <OutcomeBadge outcome={props.validation.outcome} />{' '}
    <span class="small quiet nowrap">
      <Ago time={props.validation.checked_at} />
    </span>
  </>
)
