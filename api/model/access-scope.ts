/** The mail accounts that a restricted API key may use. */
export type AccessScope = {
  keyId: string
  mailAccountIds: readonly string[]
}

/** Null or undefined: not restricted. */
export type MaybeAccessScope = AccessScope | null | undefined
