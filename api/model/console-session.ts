/** A session of the console, found by the hash of the random id in its cookie. */
export type ConsoleSessionRecord = {
  idHash: string
  keyId: string
  keyHash: string
  expiresAt: Date
}
