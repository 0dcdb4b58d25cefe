/** A test message that counts towards the limits. */
export type TestMessageRecord = {
  /** Host and user name of the sending mailbox, in lower case. */
  mailbox: string
  /** Id of the API key. */
  actorId: string
  requestedAt: Date
}

export type TestMessageLimits = {
  perMailbox: number
  perActor: number
  /** Earlier messages do not count. */
  since: Date
}
