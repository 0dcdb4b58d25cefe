/** The mail accounts that a restricted API key may use. */
export type AccessScope = {
  keyId: string
  mailAccountIds: readonly string[]
  /** True if the key may fetch app-only tokens, which open other mailboxes of the tenant. */
  appOnly: boolean
}

/** Null or undefined: not restricted. */
export type MaybeAccessScope = AccessScope | null | undefined
