import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import type { TokenResponse } from '../../../../api/entra/token.ts'
import { issued, type Kind, kinds, NEW_TOKEN, outage, refused, worldOf } from './both-kinds.ts'

const MINUTE = 60_000

/** Remaining lifetime of a stored token that was issued for an hour. */
const validities = { fresh: 50, valid: 4, expired: -1, none: null } as const
type Validity = keyof typeof validities

type StateColumns = { state: string; retryIn: number | null; code: string | null; since: number }

/** State of the row; minutes from now until its retry time; minutes from now since its problem began, 0 by default. */
const states = {
  active: { state: 'active', retryIn: null, code: null },
  'active, but postponed by maintenance': { state: 'active', retryIn: 60, code: null },
  'cooling down': { state: 'cooling_down', retryIn: 1, code: 'provider_unavailable' },
  'due after an outage': { state: 'cooling_down', retryIn: -1, code: 'provider_unavailable' },
  'due after a suspicion': {
    state: 'cooling_down',
    retryIn: -1,
    code: 'token_suspect',
    since: -15,
  },
  blocked: { state: 'blocked', retryIn: 60, code: 'grant_blocked' },
  'due after a block': { state: 'blocked', retryIn: -1, code: 'grant_blocked' },
  'to be reconnected': { state: 'reconnect_required', retryIn: null, code: 'reconnect_required' },
} as const
type State = keyof typeof states

const effects: Record<string, TokenResponse> = {
  issue: issued,
  cool_down: outage,
  suspect: refused('invalid_grant', 70000),
  reconnect: refused('invalid_grant', 50173),
  block: refused('invalid_grant', 53003),
  credential: refused('invalid_client', 7000215),
}

/** Results without a request to Entra; `ask` for a request. `bridge`: the stored token may bridge an outage. */
const usual = {
  fresh: { accepted: 'stored', rejected: 'ask' },
  valid: { accepted: 'bridge', rejected: 'ask' },
  expired: { accepted: 'ask', rejected: 'ask' },
  none: { accepted: 'ask', rejected: 'ask' },
} as const
const always = <Result extends string>(result: Result) => {
  const both = { accepted: result, rejected: result }
  return { fresh: both, valid: both, expired: both, none: both }
}
const decisions: Record<State, Record<Validity, { accepted: string; rejected: string }>> = {
  active: usual,
  'active, but postponed by maintenance': usual,
  'due after an outage': usual,
  'due after a suspicion': usual,
  'cooling down': {
    ...always('provider_unavailable'),
    fresh: { accepted: 'stored', rejected: 'provider_unavailable' },
    valid: { accepted: 'stored', rejected: 'provider_unavailable' },
  },
  blocked: always('grant_blocked'),
  'due after a block': always('ask'),
  'to be reconnected': always('reconnect_required'),
}

/** Returns the result of a request and the stored state; null when nothing is stored. */
function outcomeOf(kind: Kind, effect: string, state: State) {
  const unavailable = { result: 'provider_unavailable', stored: 'cooling_down' }
  // An outage proves nothing, so the verdict remains.
  const outage = state === 'due after a block' ? { ...unavailable, stored: 'blocked' } : unavailable
  const reconnect = { result: 'reconnect_required', stored: 'reconnect_required' }
  const block = { result: 'grant_blocked', stored: 'blocked' }
  const outcomes: Record<string, { result: string; stored: string | null }> = {
    issue: { result: 'new', stored: 'active' },
    cool_down: outage,
    suspect: kind === 'delegated' && state === 'due after a suspicion' ? reconnect : unavailable,
    reconnect: kind === 'delegated' ? reconnect : block,
    block,
    credential: { result: 'credential_rejected', stored: null },
  }
  return outcomes[effect] ?? unavailable
}

const TEMPORARY = ['provider_unavailable', 'credential_rejected']

const combinations = kinds.flatMap((kind) =>
  (Object.keys(states) as State[])
    .filter((state) => kind === 'delegated' || state !== 'to be reconnected')
    .map((state) => [kind, state] as const),
)

it.each(combinations)('%s: a token that is %s', { timeout: 60_000 }, async (kind, state) => {
  const one = await worldOf(kind)
  const now = one.world.clock.now.getTime()
  const before = await one.row()
  const sealed = Object.keys(before).filter((column) => column.endsWith('_sealed'))
  const table = kind === 'delegated' ? 'grants' : 'app_tokens'
  const { place } = one
  const storedToken = await one.world.services.store.sealer.open(
    String(before.access_token_sealed),
    place,
  )
  /** Returns the statement that restores the original sealed values of a table. */
  const restore = (inside: string, isInTable: (column: string) => boolean) => {
    const columns = sealed.filter(isInTable)
    const assigned = columns.map((column) => `${column} = ?`).join(', ')
    return env.DB.prepare(`UPDATE ${inside} SET ${assigned}`).bind(
      ...columns.map((name) => before[name]),
    )
  }

  for (const validity of Object.keys(validities) as Validity[]) {
    for (const [effect, response] of Object.entries(effects)) {
      for (const judged of ['accepted', 'rejected'] as const) {
        const where = `${validity}, ${effect}, ${judged}`
        const { retryIn, code, state: from, since }: StateColumns = { since: 0, ...states[state] }
        const minutes = validities[validity]
        const expiresAt = minutes === null ? null : now + minutes * MINUTE
        await env.DB.batch([
          ...(kind === 'delegated'
            ? [restore(table, (column) => column !== 'access_token_sealed')]
            : []),
          restore(place.table, (column) => column === 'access_token_sealed'),
          env.DB.prepare(
            `UPDATE ${table} SET version = 7, lease_owner = NULL, lease_expires_at = NULL, written_by = NULL`,
          ),
          env.DB.prepare(
            `UPDATE ${place.table} SET state = ?, failures = 1, access_token_expires_at = ?,
               ${one.issuedAt} = ?, retry_at = ?, problem_code = ?, problem_detail = 'before',
               problem_since = ?`,
          ).bind(
            from,
            expiresAt,
            expiresAt && expiresAt - 60 * MINUTE,
            retryIn && now + retryIn * MINUTE,
            code,
            code && now + since * MINUTE,
          ),
          env.DB.prepare('UPDATE integrations SET app_problem = NULL'),
          env.DB.prepare('DELETE FROM events'),
        ])
        Object.assign(one.response, { is: response, asked: 0 })

        const rejected = judged === 'rejected' && expiresAt !== null ? new Date(expiresAt) : null
        const result = await one.issue(rejected)

        const row = await one.row()
        const types = (
          await env.DB.prepare("SELECT type FROM events WHERE type LIKE 'grant.%'").all()
        ).results.map(({ type }) => type)
        const decision = decisions[state][validity][judged]
        const asks = decision === 'ask' || decision === 'bridge'
        const outcome = outcomeOf(kind, effect, state)
        const bridged = decision === 'bridge' && TEMPORARY.includes(outcome.result)
        const expected = !asks ? decision : bridged ? 'stored' : outcome.result
        const shown = { [storedToken]: 'stored', [NEW_TOKEN]: 'new' }[result] ?? result
        expect(shown, where).toBe(expected)
        expect(one.response.asked > 0, where).toBe(asks)
        const written = asks && outcome.stored !== null
        expect(row, where).toMatchObject({
          state: written ? outcome.stored : from,
          version: written ? 8 : 7,
          failures: !written ? 1 : effect === 'issue' ? 0 : 2,
          lease_owner: null,
          lease_expires_at: null,
        })
        const changed = written && outcome.stored !== from
        expect(types, where).toEqual(
          changed ? [`grant.${effect === 'issue' ? 'recovered' : outcome.stored}`] : [],
        )
        if (!asks || effect !== 'issue') {
          for (const column of sealed)
            expect(row[column], `${where}: ${column}`).toBe(before[column])
        }
      }
    }
  }
})
