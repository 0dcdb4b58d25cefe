import { describe, expect, it } from 'vitest'
import type { History, MailAccountHistory } from '../../../schema/history.ts'
import type { MailboxList } from '../../../schema/mail-account.ts'
import { appOnlyForm } from '../app-only-world.ts'
import { DAY, HOUR, run, runAfter } from '../domain/operations/maintenance/run.ts'
import { outage, refused } from '../domain/tokens/both-kinds.ts'
import { callerOf, createKey } from '../keys.ts'
import {
  activeMailWorld,
  createMailWorld,
  imapAccountWorld,
  imapForm,
  type MailWorld,
  passwordForm,
  refuses,
} from '../mail-world.ts'
import { browserOf, signIn } from '../sign-in.ts'
import { rows } from '../sql.ts'

const historyOf = (world: MailWorld, id: string, days = 30) =>
  world.get<MailAccountHistory>(`/v1/mail-accounts/${id}/history?days=${days}`)

const history = (world: MailWorld, days = 30) => world.get<History>(`/v1/history?days=${days}`)

/** The numbers of a day without a check. */
const NONE = { passed: 0, failed: 0, inconclusive: 0, waited: 0 }

/** Returns the states of the last days, oldest first, which the list of mailboxes has, too. */
async function statesOf(world: MailWorld, id: string, days: number) {
  const states = (await historyOf(world, id, days)).days.map(({ state }) => state)
  const { data } = await world.get<MailboxList>(`/v1/mailboxes?days=${days}`)
  const accounts = data.flatMap((mailbox) => mailbox.accounts)
  expect(accounts.find((account) => account.id === id)?.days).toEqual(states)
  return states
}

/** Makes Microsoft refuse every refresh from now on. Returns a function that ends it. */
function refuseRefreshes({ services }: MailWorld, aadsts = 50076) {
  const { entra } = services
  services.entra = { ...entra, refresh: async () => refused('invalid_grant', aadsts) }
  return () => {
    services.entra = entra
  }
}

const fetchToken = async (world: MailWorld, id: string) =>
  (await world.call('POST', `/v1/mail-accounts/${id}/access-token`, {})).status

async function reconnect(world: MailWorld, id: string, call: MailWorld['call'] = world.call) {
  const response = await call('POST', '/v1/authorizations', {
    provider: 'microsoft',
    mail_account_id: id,
    apply: 'at_once',
  })
  await signIn(world, browserOf(world), (await response.json<{ url: string }>()).url)
}

describe('the history of an email account', () => {
  it('has one day per day, the last of which is today, and none before it was checked', async () => {
    const { world, id } = await imapAccountWorld()
    await world.validateSaved(id)
    const { days } = await historyOf(world, id)
    expect(days).toHaveLength(30)
    expect(days[0]).toEqual({
      date: '2026-10-26',
      state: 'not_checked',
      passed: 0,
      failed: 0,
      inconclusive: 0,
    })
    expect(days.at(-1)).toMatchObject({ date: '2026-11-24', state: 'worked', passed: 1 })
  })

  it('begins a new day at midnight UTC', async () => {
    const { world, id } = await imapAccountWorld()
    world.clock.now = new Date('2026-11-24T23:59:59.999Z')
    await world.validateSaved(id)
    world.advance(0.001)
    world.login.probe = refuses
    await world.validateSaved(id)
    expect((await historyOf(world, id, 2)).days).toMatchObject([
      { date: '2026-11-24', state: 'worked', passed: 1, failed: 0 },
      { date: '2026-11-25', state: 'failed', passed: 0, failed: 1 },
    ])
  })

  it('counts each scheduled check, also those that are no event', async () => {
    const { world, id } = await imapAccountWorld({ settings: { validateEveryHours: 6 } })
    for (let hour = 0; hour < 22; hour += 1) {
      await run(world)
      world.advance(HOUR)
    }
    expect(world.probes).toHaveLength(4)
    expect((await historyOf(world, id, 2)).days).toMatchObject([{ passed: 3 }, { passed: 1 }])
    expect((await historyOf(world, id)).entries).toMatchObject([
      { type: 'login_worked', text: '4 logins worked', since: '2026-11-24T09:00:00.000Z' },
      { type: 'created' },
    ])
  })

  it('does not count a form with other values', async () => {
    const world = await createMailWorld()
    const account = await world.save(passwordForm())
    world.login.probe = refuses
    await world.validate({
      ...passwordForm({ authentication: { type: 'password', password: 'a typo' } }),
      mail_account_id: account.id,
    })
    expect(await statesOf(world, account.id, 1)).toEqual(['not_checked'])
    expect((await history(world, 1)).days).toMatchObject([{ passed: 0, failed: 0 }])
  })

  it('begins with the validation of the form that was saved, counted once', async () => {
    const world = await createMailWorld()
    await world.validate(passwordForm())
    const { id } = await world.save(passwordForm())
    await world.replace(id, passwordForm({ name: 'Renamed' }))
    const changed = passwordForm({ username: 'other@example.org' })
    await world.validate({ ...changed, mail_account_id: id })
    await world.replace(id, changed)
    expect((await historyOf(world, id, 1)).days).toMatchObject([{ state: 'worked', passed: 2 }])
    expect((await history(world, 1)).days).toMatchObject([{ passed: 2 }])
    const second = await world.save(changed)
    expect(await statesOf(world, second.id, 1)).toEqual(['not_checked'])
  })

  it('shows every day on which it waited for a person, checked or not, until it was mended', async () => {
    const { world, id } = await imapAccountWorld()
    const endRefusals = refuseRefreshes(world)
    world.advance(2 * HOUR)
    expect(await fetchToken(world, id)).toBe(409)
    // Before the next run of the schedule, too.
    expect(await statesOf(world, id, 1)).toEqual(['waited'])
    for (let day = 0; day < 3; day += 1) {
      await run(world)
      await run(world)
      world.advance(DAY)
    }
    endRefusals()
    await reconnect(world, id)
    await world.validateSaved(id)
    await run(world)
    expect(await statesOf(world, id, 5)).toEqual([
      'not_checked',
      'waited',
      'waited',
      'waited',
      'worked',
    ])
    expect((await history(world, 3)).days.map(({ waited }) => waited)).toEqual([1, 1, 0])
  })

  it('counts a blocked app as waiting, for each account of its tenant', async () => {
    const world = await activeMailWorld()
    const { id } = await world.save(appOnlyForm())
    world.services.entra.clientCredentials = async () => refused('unauthorized_client', 700016)
    world.advance(1)
    expect(await fetchToken(world, id)).not.toBe(200)
    await run(world)
    expect((await history(world, 1)).days).toMatchObject([{ waited: 1 }])
    expect(await statesOf(world, id, 1)).toEqual(['waited'])
    expect((await historyOf(world, id)).entries[0]).toMatchObject({ type: 'blocked', ended: null })
  })

  it('tells in words what Microsoft asked for and which key ended it', async () => {
    const { world, id } = await imapAccountWorld()
    const anna = callerOf(world, (await createKey(world, { name: 'Anna', scopes: ['write'] })).key)
    await world.validateSaved(id)
    const endRefusals = refuseRefreshes(world)
    world.advance(2 * HOUR)
    await fetchToken(world, id)
    world.advance(DAY)
    endRefusals()
    await reconnect(world, id, anna)
    world.advance(1)
    await world.validateSaved(id)
    const { entries } = await historyOf(world, id)
    expect(entries).toEqual([
      {
        at: '2026-11-25T11:00:01.000Z',
        type: 'login_worked',
        text: '2 logins worked',
        ended: null,
        since: '2026-11-24T09:00:00.000Z',
      },
      {
        at: '2026-11-24T11:00:00.000Z',
        type: 'sign_in_required',
        text: expect.stringMatching(/^Sign-in required: .+ \(AADSTS50076\)$/),
        ended: { at: '2026-11-25T11:00:00.000Z', text: 'the API key "Anna" reconnected it' },
        since: null,
      },
      {
        at: '2026-11-24T09:00:00.000Z',
        type: 'created',
        text: 'Created by the root key',
        ended: null,
        since: null,
      },
    ])
  })

  it('reports the cause of a login that failed', async () => {
    const { world, id } = await imapAccountWorld()
    world.login.probe = refuses
    await world.validateSaved(id)
    const [entry] = (await historyOf(world, id)).entries
    expect(entry?.type).toBe('login_failed')
    expect(entry?.text).toMatch(/^Login failed: [A-Z]/)
  })

  it('follows the account from one grant to the next, and leaves the other users of a grant out', async () => {
    const { world, id, grant } = await imapAccountWorld()
    const other = await world.save(imapForm(grant, { name: 'Second' }))
    const endRefusals = refuseRefreshes(world)
    world.advance(2 * HOUR)
    await fetchToken(world, id)
    endRefusals()
    world.advance(HOUR)
    await world.replace(id, imapForm(await world.grant('alice@contoso.test', { saved: false })))
    world.advance(HOUR)
    await reconnect(world, other.id)
    const typesOf = async (account: string) =>
      (await historyOf(world, account)).entries
        .filter(({ type }) => type !== 'created')
        .map(({ type, ended }) => [type, ended?.text])
    expect(await typesOf(id)).toEqual([
      ['sign_in_required', 'the root key connected it with a new sign-in'],
    ])
    expect(await typesOf(other.id)).toEqual([['sign_in_required', 'the root key reconnected it']])
  })

  it('goes with the account, and after 90 days, but for the sums of the deployment', async () => {
    const { world, id } = await imapAccountWorld()
    await world.validateSaved(id)
    const kept = await world.save(passwordForm())
    await world.validateSaved(kept.id)
    await world.call('DELETE', `/v1/mail-accounts/${id}`)
    expect((await world.call('GET', `/v1/mail-accounts/${id}/history`)).status).toBe(404)
    const subjects = async () =>
      (await rows('SELECT subject FROM daily_counts ORDER BY subject')).map(
        ({ subject }) => subject,
      )
    expect(await subjects()).toEqual(['all', kept.id])
    await runAfter(world, 90 * DAY)
    expect(await subjects()).toEqual(['all', kept.id])
    await runAfter(world, DAY)
    expect(await subjects()).toEqual(['all'])
  })

  it('refuses other numbers of days than 1 to 90', async () => {
    const { world, id } = await imapAccountWorld()
    for (const days of [0, 91, 1.5, 'x']) {
      const { status } = await world.call('GET', `/v1/mail-accounts/${id}/history?days=${days}`)
      expect([days, status]).toEqual([days, 422])
    }
  })
})

describe('the history of all accounts', () => {
  it('counts checks and token requests per day', async () => {
    const { world, id } = await imapAccountWorld()
    await world.validateSaved(id)
    world.advance(DAY)
    expect(await fetchToken(world, id)).toBe(200)
    expect(await fetchToken(world, id)).toBe(200)
    world.advance(2 * HOUR)
    world.services.entra = { ...world.services.entra, refresh: async () => outage }
    await fetchToken(world, id)
    world.advance(HOUR)
    refuseRefreshes(world)
    await fetchToken(world, id)
    const requests = { succeeded: 0, refused: 0, failed: 0 }
    expect((await history(world, 2)).days).toEqual([
      { ...NONE, date: '2026-11-24', passed: 1, token_requests: requests },
      { ...NONE, date: '2026-11-25', token_requests: { succeeded: 1, refused: 1, failed: 1 } },
    ])
  })

  it('counts app-only requests, and those with a refused credential', async () => {
    const world = await activeMailWorld()
    const { id } = await world.save(appOnlyForm())
    expect(await fetchToken(world, id)).toBe(200)
    world.advance(DAY)
    world.services.entra.clientCredentials = async () => refused('invalid_client', 7000222)
    expect(await fetchToken(world, id)).not.toBe(200)
    expect((await history(world, 2)).days.map((day) => day.token_requests)).toEqual([
      { succeeded: 1, refused: 0, failed: 0 },
      { succeeded: 0, refused: 1, failed: 0 },
    ])
  })
})

describe('a restricted key', () => {
  it('sees the days of its accounts only, no token requests and no names of keys', async () => {
    const { world, id } = await imapAccountWorld()
    const foreign = await world.save(passwordForm())
    await world.validateSaved(id)
    await world.validateSaved(foreign.id)
    await createKey(world, { name: 'Anna' })
    const { key } = await createKey(world, { mail_accounts: [id] })
    const call = callerOf(world, key)
    expect((await call('GET', `/v1/mail-accounts/${foreign.id}/history`)).status).toBe(404)
    const own = await (
      await call('GET', `/v1/mail-accounts/${id}/history`)
    ).json<MailAccountHistory>()
    expect(own.entries.at(-1)?.text).toBe('Created by an API key')
    const all = await (await call('GET', '/v1/history?days=1')).json<History>()
    expect(all.days).toEqual([{ ...NONE, date: '2026-11-24', passed: 1, token_requests: null }])
  })
})
