/** Types that the parts of the account form share. */
import type { Grant } from '../../../../schema/grant.ts'
import type { Integration, IntegrationSettings } from '../../../../schema/integration.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import type { Validation } from '../../../../schema/validation.ts'
import type { Visit } from '../../router.ts'
import type { Draft, Fault } from './draft.ts'
import type { SignInEnd } from './sign-in.ts'
import type { FormState } from './state.ts'

/** The account as it is stored. */
export type Saved = {
  account: MailAccount
  etag: string | null
  validation: Validation | null
}

export type FormOptions = {
  /** Protocol of the page. A new mailbox can have the other one as well. */
  protocol: Protocol
  integration: Integration
  settings: IntegrationSettings
  /** Names of departments (`imap`) and brands (`smtp`) that exist, the last used first. */
  owners: Record<Protocol, readonly string[]>
  /** Values that the form begins with. */
  draft: Draft
  saved: Saved | null
  /** Grant of the account; of a new one, a grant that other accounts have already. */
  grant: Grant | null
  /** Values typed before the whole page went to sign in, and how the sign-in has ended. */
  resumed: { draft: Draft; end: SignInEnd } | null
  visit: Pick<Visit, 'signal'>
}

/** Parts of the form that all its actions share. */
export type FormCore = {
  options: FormOptions
  state: FormState
  /** Returns the current state, also after a wait. */
  latest: () => FormState
  /** Changes the current state. Does nothing once the page is left. */
  update: (change: (state: FormState) => FormState) => void
  /** Returns true if there are no faults; otherwise the form shows them. */
  check: (faults: readonly Fault[]) => boolean
  /** Turns the warning before leaving off and on. */
  letLeave: (isLeaving: boolean) => void
}
