/**
 * State, detail, event, webhook and diagnosis name one party for every known AADSTS number and every
 * error that can accompany it.
 */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { catalogue } from '../../../../api/diagnosis/catalogue/catalogue.ts'
import { judgeAppToken, judgeRefresh } from '../../../../api/domain/failures/failures.ts'
import { diagnoseAppToken, diagnoseRefresh } from '../../../../api/domain/failures/token.ts'
import { deliverWebhooks } from '../../../../api/domain/webhooks/deliver.ts'
import type { Diagnosis } from '../../../../schema/diagnosis.ts'
import type { Grant } from '../../../../schema/grant.ts'
import { tenthOf } from '../../../sample.ts'
import { integrationProblems, refusalResponse, scriptedEntraWorld } from '../../expired-grant.ts'
import { settings } from '../../harness.ts'
import { grant, integration, numbered } from '../../refresh-failure.ts'
import { rows } from '../../sql.ts'

const errors = [
  'invalid_grant',
  'interaction_required',
  'invalid_client',
  'unauthorized_client',
  'invalid_request',
  'access_denied',
] as const

const numbers = catalogue.flatMap(({ aadsts = [] }) => aadsts.flatMap((group) => group.numbers))
const combinations = numbers.flatMap((number) => errors.map((error) => ({ number, error })))

type Party = 'user' | 'tenant_admin' | 'app_owner' | 'operator' | 'none'

/** Reads the party from a sentence as a person would. */
function partyOfDetail(detail: string): Party | undefined {
  if (/retried automatically/.test(detail)) return 'none'
  if (/your Microsoft 365 admin|an admin of/.test(detail)) return 'tenant_admin'
  if (/app registration/.test(detail)) return 'app_owner'
  if (/your Mailgrant administrator must/.test(detail)) return 'operator'
  return /sign in (?:again|with)/.test(detail) ? 'user' : undefined
}

/** Reads the party from the first candidate: none for a temporary cause, even if someone could prevent it. */
function partyOfDiagnosis({ candidates: [first] }: Diagnosis): Party | undefined {
  if (!first || first.retryable) return 'none'
  return first.responsible === 'microsoft' ? undefined : first.responsible
}

const allowed: Record<string, readonly (Party | undefined)[]> = {
  cooling_down: ['none'],
  reconnect_required: ['user'],
  blocked: ['tenant_admin', 'app_owner', 'operator'],
  credential_rejected: ['app_owner', 'tenant_admin'],
}

const STATES = {
  cool_down: 'cooling_down',
  reconnect: 'reconnect_required',
  block: 'blocked',
  credential_rejected: 'credential_rejected',
} as const

/** Returns what is wrong with one outcome, or null when all of it names one party. */
function contradiction(
  state: string,
  parties: { detail: Party | undefined; diagnosis: Party | undefined },
): string | null {
  const { detail, diagnosis } = parties
  const agree = detail === diagnosis && allowed[state]?.includes(detail)
  return agree ? null : `${state}: the detail names ${detail}, the diagnosis ${diagnosis}`
}

/** Hundreds of judgements, on a machine that may be busy. */
const SLOW = { timeout: 60_000 }

describe('every known AADSTS number', () => {
  const contradictionsOf = (judge: (failure: ReturnType<typeof numbered>) => string | null) =>
    tenthOf(combinations).flatMap(({ number, error }) => {
      const found = judge(numbered(number, error))
      return found === null ? [] : [`AADSTS${number} with ${error}: ${found}`]
    })

  it.each([
    ['the only tenant', { ...integration, tenant: 'contoso.test' }],
    ['one tenant of many', { ...integration, tenant: 'common' }],
  ])('names one party at a refresh in %s, with each error', SLOW, (_, at) => {
    const found = contradictionsOf((failure) => {
      const { effect, detail, facts } = judgeRefresh(failure, grant, at, new Date(0))
      return contradiction(STATES[effect], {
        detail: partyOfDetail(detail),
        diagnosis: partyOfDiagnosis(diagnoseRefresh(grant, facts, settings)),
      })
    })
    expect(found).toEqual([])
  })

  it("names one party for an app-only token, and never requires a user's sign-in", SLOW, () => {
    const app = { clientId: 'client', cloud: 'global', tenant: 'contoso.test' } as const
    const found = contradictionsOf((failure) => {
      const { effect, detail, facts } = judgeAppToken(failure, app, integration)
      if (effect === 'reconnect') return 'there is no user to sign in'
      return contradiction(STATES[effect], {
        detail: partyOfDetail(detail),
        diagnosis: partyOfDiagnosis(diagnoseAppToken(app, facts, settings)),
      })
    })
    expect(found).toEqual([])
  })
})

const HOOK = 'https://helpdesk.example.com/hooks'

type Notification = { type: string; detail: string }

/** Creates a world with a webhook; returns a function that refuses one refresh and reads everything it left. */
async function createRefuser() {
  const { world, grant: id, refresh, script } = await scriptedEntraWorld()
  const received: Notification[] = []
  const { fetch } = world.services
  world.services.fetchWebhook = async (input, init) => {
    const request = new Request(input, init)
    if (request.url !== HOOK) return fetch(input, init)
    const { type, data } = await request.json<{ type: string; data: { detail: string } }>()
    received.push({ type, detail: data.detail })
    return new Response(null, { status: 204 })
  }
  await world.call('POST', '/v1/webhooks', { url: HOOK })
  const db = env.DB

  return async ({ number, error }: (typeof combinations)[number]) => {
    await db.batch([
      db.prepare(
        `UPDATE grant_tokens SET state = 'active', failures = 0, retry_at = NULL, problem_code = NULL,
         problem_detail = NULL, problem_facts = NULL, problem_since = NULL`,
      ),
      db.prepare('UPDATE integrations SET app_problem = NULL'),
      db.prepare('DELETE FROM events'),
      db.prepare('DELETE FROM webhook_deliveries'),
    ])
    script.respond = async () => refusalResponse(error, number)
    const result = await refresh()
    const shown = await (await world.call('GET', `/v1/grants/${id}`)).json<Grant>()
    const [problem] = (await integrationProblems(world)) as { code: string; detail: string }[]
    const events = await rows<Notification>(
      "SELECT type, json_extract(data, '$.detail') AS detail FROM events",
    )
    await deliverWebhooks(world.services)
    const messages = received.splice(0)
    return { result, shown, problem, events, messages }
  }
}

const EVENTS: Record<string, string> = {
  cooling_down: 'grant.cooling_down',
  reconnect_required: 'grant.reconnect_required',
  blocked: 'grant.blocked',
  credential_rejected: 'integration.credential_rejected',
}

describe('a refused refresh', () => {
  // One number of each group that shares a sentence, with the errors in turn.
  const groups = catalogue.flatMap(({ aadsts = [] }) => aadsts)
  const sample = tenthOf(groups).flatMap((group, at) =>
    group.numbers.slice(0, 1).map((number) => ({
      number,
      error: errors[at % errors.length] ?? 'invalid_grant',
    })),
  )

  it('names one party in state, detail, event, webhook and diagnosis', {
    timeout: 120_000,
  }, async () => {
    const refuse = await createRefuser()
    const found: string[] = []
    for (const one of sample) {
      const { result, shown, problem, events, messages } = await refuse(one)
      const name = `AADSTS${one.number} with ${one.error}`
      const ofApp = problem?.code === 'credential_rejected'
      const state = ofApp ? 'credential_rejected' : shown.status
      const detail = ofApp ? problem.detail : shown.problem?.detail
      const facts = result.ok ? null : result.error.facts
      const diagnosis = ofApp
        ? facts && diagnoseRefresh({ ...grant, tenantId: shown.tenant_id }, facts, settings)
        : shown.problem?.diagnosis
      const wrong =
        detail === undefined || !diagnosis
          ? 'no problem is shown'
          : contradiction(state, {
              detail: partyOfDetail(detail),
              diagnosis: partyOfDiagnosis(diagnosis),
            })
      if (wrong) found.push(`${name}: ${wrong}`)
      const expectedEvents = [{ type: EVENTS[state], detail }]
      if (JSON.stringify(events) !== JSON.stringify(expectedEvents))
        found.push(`${name}: event ${JSON.stringify(events)}`)
      // A pause sends no message, since no action is required.
      const sent = state === 'cooling_down' ? [] : expectedEvents
      if (JSON.stringify(messages) !== JSON.stringify(sent))
        found.push(`${name}: webhook ${JSON.stringify(messages)}`)
    }
    expect(found).toEqual([])
  })
})
