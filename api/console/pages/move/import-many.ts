/** Imports rows, a few at a time, each with its own result. Pure: calls and pauses are passed in. */
import type { Grant } from '../../../../schema/grant.ts'
import type { MailAccount, Owner } from '../../../../schema/mail-account.ts'
import type { MailProtocol, MailServer } from '../../../../schema/mail-servers.ts'
import type { ProblemCode } from '../../../../schema/problem.ts'
import { type Problem, problemOf } from '../../api.ts'
import { personalServer, serverDraft } from '../email-account/draft.ts'

/** Choices that apply to all pasted rows. */
export type ImportSettings = {
  /** Owners by protocol, for each use of the mailboxes. */
  owners: Partial<Record<MailProtocol, Owner | null>>
  /** True for accounts at outlook.com and the like, which use the tenant `consumers`. */
  personal: boolean
  /** Servers by protocol, the default first. */
  servers: Record<MailProtocol, readonly MailServer[]>
}

/** A row without its refresh token, which is never shown again. */
export type ImportRow = {
  id: string
  mailbox: string
  delegate: string | null
  settings: ImportSettings
  state: 'waiting' | 'running' | 'done' | 'failed'
  /** The imported grant, until its email accounts are saved. */
  grant: Grant | null
  accounts: readonly MailAccount[]
  /** The refusal of a failed row. */
  problem: Problem | null
}

export type Call = <Body>(path: string, body: object, idempotencyKey?: string) => Promise<Body>

export type ImportTools = {
  call: Call
  /** Returns the refresh token of a row that is not done. */
  refreshTokenOf: (id: string) => string
  pause: (ms: number) => Promise<void>
  update: (id: string, change: Partial<ImportRow>) => void
  signal: AbortSignal
}

/** Problems that every other row would have as well; no code means that no response came. */
const FATAL_CODES: readonly (ProblemCode | undefined)[] = [
  undefined,
  'unauthorized',
  'insufficient_scope',
  'key_limited',
  'integration_inactive',
  'integration_not_configured',
  'credential_rejected',
  'provider_unavailable',
  'storage_unavailable',
]

/** Simultaneous imports. */
const CONCURRENCY = 3
/** Imports are limited per minute. */
const RATE_PAUSE_MS = 15_000

/**
 * Imports each row and saves its email accounts. Returns the refusal that ended it early, or null. Rows that
 * were not tried stay `waiting`. Aborting the signal starts no more.
 */
export async function importMany(
  rows: readonly ImportRow[],
  tools: ImportTools,
): Promise<Problem | null> {
  const waiting = [...rows]
  let refusal: Problem | null = null
  async function work(): Promise<void> {
    while (!tools.signal.aborted && refusal === null) {
      const row = waiting.shift()
      if (!row) return
      tools.update(row.id, { state: 'running', problem: null })
      const problem = await importRow(row, tools)
      if (!problem) tools.update(row.id, { state: 'done' })
      else if (FATAL_CODES.includes(problem.code)) {
        refusal = problem
        tools.update(row.id, { state: 'waiting' })
      } else tools.update(row.id, { state: 'failed', problem })
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work))
  return refusal
}

/** Imports a row. Returns the problem of the row or of one of its email accounts; null if all are saved. */
async function importRow(row: ImportRow, tools: ImportTools): Promise<Problem | null> {
  const { mailbox: username, delegate, settings, id } = row
  const { owners, personal, servers } = settings
  const protocols = Object.keys(owners) as MailProtocol[]
  const people = { username, ...(delegate !== null && { delegate }) }
  try {
    const grant =
      row.grant ??
      (await untilWithinRate(tools, () =>
        tools.call<Grant>('/v1/grants', {
          ...people,
          protocols,
          refresh_token: tools.refreshTokenOf(id),
          ...(personal && { tenant: 'consumers' }),
        }),
      ))
    tools.update(id, { grant })
    let accounts = row.accounts
    for (const protocol of protocols) {
      if (accounts.some((account) => account.protocol === protocol)) continue
      const form = {
        ...people,
        protocol,
        owner: owners[protocol],
        ...serverFor(servers[protocol], grant),
        authentication: { type: 'oauth', provider: 'microsoft', grant_id: grant.id },
      }
      // A response that was lost must not lead to a second account.
      const key = `${id}-${protocol}-${grant.id}`
      const account = await untilWithinRate(tools, () =>
        tools.call<MailAccount>('/v1/mail-accounts', form, key),
      )
      accounts = [...accounts, account]
      tools.update(id, { accounts })
    }
    return null
  } catch (error) {
    const problem = problemOf(error)
    // An unsaved grant is deleted after an hour: the next attempt imports the token again.
    const isGone = problem.errors?.some(({ pointer }) => pointer === '/authentication/grant_id')
    if (isGone) tools.update(id, { grant: null })
    return problem
  }
}

/** Returns the default server for the account type; the API chooses if there is none. */
function serverFor(known: readonly MailServer[], { account_type: type }: Grant) {
  const [first] = known
  if (!first) return {}
  const { host, port, security } = personalServer(serverDraft(first), known, type)
  return { host, port: Number(port), security }
}

async function untilWithinRate<Body>(
  { pause, signal }: ImportTools,
  work: () => Promise<Body>,
): Promise<Body> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (problemOf(error).code !== 'rate_limited' || signal.aborted) throw error
      await pause(RATE_PAUSE_MS)
    }
  }
}

/** "7 of 12 imported, 2 failed" */
export function importLabel(rows: readonly Pick<ImportRow, 'state'>[]): string {
  const number = (state: ImportRow['state']) => rows.filter((row) => row.state === state).length
  const failed = number('failed')
  return `${number('done')} of ${rows.length} imported${failed > 0 ? `, ${failed} failed` : ''}`
}
