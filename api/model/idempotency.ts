/** A response as it is repeated for the same Idempotency-Key. */
export type StoredResponse = { status: number; headers: Record<string, string>; body: string }

export type IdempotencyRecord = {
  bodyHash: string
  /** Null while the first request is still being processed. */
  response: StoredResponse | null
}
