/** Mail accounts as they are stored. */
import type { MailAccountInput } from '../../schema/mail-account.ts'
import type { Outcome } from '../../schema/probe.ts'
import type { EventRecord } from './event.ts'

type PlainFields = Omit<MailAccountInput, 'authentication'>

/**
 * The fields that a PUT sets, with defaults filled in, except the password. Derived from the input, so
 * that an input field does not compile until it is stored.
 */
export type MailAccountValues = {
  [Field in keyof PlainFields]-?: Exclude<PlainFields[Field], undefined>
} & {
  /** `oauth` is delegated. It uses a person's grant. */
  authentication: 'oauth' | 'app_only' | 'password'
  /** Set for `oauth`; null after the grant was detached. */
  grantId: string | null
  /** Set for `app_only`: the organisation of the mailbox. */
  tenant: string | null
}

/** The last validation with the current values of an account. */
export type LastValidation = { id: string; outcome: Outcome; checkedAt: Date }

export type MailAccountRecord = MailAccountValues & {
  id: string
  lastValidation: LastValidation | null
  /** Counts changes that a PUT can make: the ETag. */
  version: number
  createdAt: Date
  updatedAt: Date
}

export type MailAccountChange = {
  values: MailAccountValues
  /** Undefined leaves the stored one in place; null removes it. */
  password?: string | null
  /** Fingerprint of the login with these values. The newest recent validation with it becomes the account's last one. */
  fingerprint: string
  event: EventRecord
  /** Events beside `event`: of a move between two customers, one in each, and of another protocol. */
  furtherEvents?: readonly EventRecord[]
}

/** The grant that an account stops using, and the event to write if that deletes the grant. */
export type ReleasedGrant = { id: string; event: EventRecord }
