/** Structured log lines. Only the named fields can be written: no body, no URL query, no token. */

type Fields = {
  request_id?: string
  method?: string
  /** The route's pattern, never the path that was called: paths hold ids, queries hold secrets. */
  route?: string
  status?: number
  duration_ms?: number
  code?: string
  grant?: string
  /** Of an app-only token: an organisation's GUID or domain. */
  tenant?: string
  authorization?: string
  kind?: string
  aadsts?: number | null
  trace_id?: string | null
  /** Class and message of an unexpected error, from our own code or a library. */
  error?: string
  count?: number
  /** Task of the hourly maintenance, and whether it left work for the next run. */
  task?: string
  more?: boolean
  account?: string
  /** The id of a message to a webhook. */
  delivery?: string
  validation?: string
  outcome?: string
  /** Of each login that a validation made, by which the checker's log names it; parted by spaces. */
  jti?: string
}

export type Log = (level: 'info' | 'warn' | 'error', event: string, fields?: Fields) => void

export const consoleLog: Log = (level, event, fields = {}) => {
  console[level](JSON.stringify({ level, event, ...fields }))
}

/** The class and first line of an error. Values bound to SQL statements are cut off. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return 'a value that is not an Error was thrown'
  const [first = ''] = error.message.split('\n')
  const cause = error.cause instanceof Error ? ` (${describeError(error.cause)})` : ''
  return `${error.name}: ${first.slice(0, 200)}${cause}`
}
