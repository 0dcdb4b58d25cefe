/** A login with a worthless token, which shows whether a mail server checks tokens at all. */
export type ControlLogin = {
  triedAt: Date
  /** Null if no control login at the server has had a clear result. */
  accepted: boolean | null
}
