/** Types that the parts of the account form share. */
import type { Grant } from '../../../../schema/grant.ts'
import type { Integration, IntegrationSettings } from '../../../../schema/integration.ts'
import type { MailAccount, MailAccountInput } from '../../../../schema/mail-account.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import type { Validation } from '../../../../schema/validation.ts'
import type { Visit } from '../../router.ts'
import type { Draft } from './draft.ts'
import type { SignInEnd } from './sign-in.ts'
import type { FormState } from './state.ts'

/** The account as it is stored. */
export type Saved = {
  account: MailAccount
  etag: string | null
  validation: Validation | null
}

export type FormOptions = {
  protocol: Protocol
  integration: Integration
  settings: IntegrationSettings
  /** Ids of departments or brands that exist. */
  owners: readonly string[]
  /** Values that the form begins with. */
  draft: Draft
  saved: Saved | null
  /** Grant of the account; of a new one, a grant that other accounts have already. */
  grant: Grant | null
  /** Values typed before the whole page went to sign in, and how the sign-in has ended. */
  resumed: { draft: Draft; end: SignInEnd } | null
  visit: Pick<Visit, 'signal' | 'beforeLeaving'>
}

/** Parts of the form that all its actions share. */
export type FormCore = {
  options: FormOptions
  state: FormState
  /** Changes the state as it is by then. Does nothing once the page is left. */
  update: (change: (state: FormState) => FormState) => void
  /** Returns the body of a request, or null after it has shown what is wrong with the form. */
  readBody: () => MailAccountInput | null
  /** Lets the page be left without a question: nothing is lost by it. */
  letLeave: (isLeaving: boolean) => void
}
