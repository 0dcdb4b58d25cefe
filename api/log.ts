/** Structured log lines. Only these fields can be written: no body, no URL query, no token. */

type Fields = {
  request_id?: string
  method?: string
  /** Pattern of the route, never the requested path, which contains ids, or its query with secrets. */
  route?: string
  status?: number
  /** ID of the API key that sent a request, or opened its session. */
  key?: string
  /** IP address of a client whose authentication was refused. */
  client?: string
  duration_ms?: number
  code?: string
  grant?: string
  /** GUID or domain of the organisation of an app-only token. */
  tenant?: string
  authorization?: string
  kind?: string
  /** Host that was not reached. Never the URL. */
  host?: string
  network_code?: string
  aadsts?: number | null
  trace_id?: string | null
  /** Class and message of an unexpected error, from Mailgrant's code or a library. */
  error?: string
  /** Stack frames of an error that ended the process. */
  at?: string
  count?: number
  /** A sentence of Mailgrant's, for example about a backlog of the maintenance or a start. */
  detail?: string
  /** Task of the maintenance. */
  task?: string
  /** True if the task left work for the next run. */
  more?: boolean
  account?: string
  /** Null if a message may have been sent. */
  sent?: boolean | null
  webhook?: string
  validation?: string
  outcome?: string
  /** Ids of the logins of a validation in the checker's log, separated by spaces. */
  jti?: string
}

export type Log = (level: 'info' | 'warn' | 'error', event: string, fields?: Fields) => void

export const consoleLog: Log = (level, event, fields = {}) => {
  console[level](JSON.stringify({ level, event, ...fields }))
}

/** Returns class and first line of an error, which omits the values bound to an SQL statement. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return 'thrown value is not an Error'
  const [first = ''] = error.message.split('\n')
  const cause = error.cause instanceof Error ? ` (${describeError(error.cause)})` : ''
  return `${error.name}: ${first.slice(0, 200)}${cause}`
}
