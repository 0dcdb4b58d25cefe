import { describe, expect, it } from 'vitest'
import { writeWithEvent, writeWithRetry } from '../../../api/domain/write-with-retry.ts'
import { StorageError } from '../../../api/model/storage.ts'
import { isStorageError } from '../../../api/store/database.ts'
import { flakyDatabase } from '../flaky-database.ts'
import { activeWorld } from '../harness.ts'
import {
  authorize,
  browserOf,
  callbackUrl,
  readAuthorization,
  returnFromMicrosoft,
  rowsOf,
} from '../sign-in.ts'
import { eventsOf } from '../sql.ts'

/** Prepares a sign-in up to the callback, on a database that can fail from then on. */
async function signInBeforeStorage() {
  const { db, faults } = flakyDatabase()
  const world = await activeWorld({ db, outside: { pause: async () => {} } })
  const created = await authorize(world)
  const browser = browserOf(world)
  const back = await callbackUrl(world, browser, created.url)
  faults.batches = 0
  return { world, faults, id: created.id, finish: () => returnFromMicrosoft(browser, back) }
}

describe('a D1 failure between the token response and storage', () => {
  it('shows an error page and stores nothing partially when it persists', async () => {
    const { world, faults, id, finish } = await signInBeforeStorage()
    faults.rejectBatches = 6
    const page = await finish()
    expect(page.status).toBe(503)
    expect(page.text).toContain('did not confirm that its result was stored')
    expect(page.text).not.toContain('Nothing was saved')
    expect(faults.batches).toBe(6)
    expect(await rowsOf(world, 'grants')).toEqual([])
    expect(await eventsOf(id)).toEqual(['authorization.created'])
    expect(world.lines.join()).toContain('authorization_not_stored')
    world.advance(60)
    expect(await readAuthorization(world, id)).toMatchObject({
      status: 'expired',
      problem: { detail: expect.stringContaining('could not be stored') },
    })
  })

  it('does not hide a refusal that cannot be stored', async () => {
    const { world, faults, id, finish } = await signInBeforeStorage()
    world.entra.control.faultNext({ kind: 'no_refresh_token' })
    faults.rejectBatches = 9
    const page = await finish()
    expect(page.status).toBe(400)
    expect(page.text).toContain('no refresh token')
    expect(await readAuthorization(world, id)).toMatchObject({ status: 'pending' })
  })
})

describe('a D1 failure during the whole callback', () => {
  it('shows an error page, redeems no code, and leaves the sign-in to be finished', async () => {
    const { world, faults, finish } = await signInBeforeStorage()
    faults.offline = true
    const page = await finish()
    expect(page.status).toBe(503)
    expect(page.headers.get('retry-after')).toBe('5')
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(world.entra.counts().token.authorization_code).toBe(0)
    faults.offline = false
    expect((await finish()).title).toBe('Signed in')
  })
})

describe('writeWithRetry', () => {
  const services = { pause: async () => undefined, store: { isStorageError } }
  const broken = () => Promise.reject(new StorageError('reset'))

  it('checks once more at the end before it reports a write as lost', async () => {
    let looks = 0
    const applied = async () => {
      looks += 1
      return looks === 6
    }
    expect(await writeWithRetry(services, broken, applied)).toBe('stored')
    expect(await writeWithRetry(services, broken, broken)).toBe('lost')
    const pauses: number[] = []
    const pausing = { ...services, pause: async (ms: number) => void pauses.push(ms) }
    expect(await writeWithRetry(pausing, broken, async () => false)).toBe('lost')
    expect(pauses).toEqual([100, 200, 400, 800, 1600])
  })

  it('recognises an earlier attempt that D1 applied only after the row was read', async () => {
    let attempts = 0
    let applied = false
    const late = async () => {
      attempts += 1
      if (attempts === 1) throw new StorageError('timeout')
      applied = true
      return false
    }
    expect(await writeWithRetry(services, late, async () => applied)).toBe('stored')
  })

  it('does not repeat an overtaken write, and rethrows errors that are not from D1', async () => {
    expect(
      await writeWithRetry(
        services,
        async () => false,
        async () => true,
      ),
    ).toBe('overtaken')
    const bug = writeWithRetry(
      services,
      () => Promise.reject(new TypeError('bug')),
      async () => false,
    )
    await expect(bug).rejects.toThrow('bug')
  })
})

describe('writeWithEvent', () => {
  /** Creates a write whose attempts end as given, and an event that exists once one was applied. */
  function scripted(...attempts: ('lost' | 'applied_but_lost' | 'applied' | 'conflict')[]) {
    let applied = false
    const write = async () => {
      const attempt = attempts.shift()
      if (attempt?.startsWith('applied')) applied = true
      if (attempt?.endsWith('lost')) throw new StorageError('lost')
      return attempt === 'applied'
    }
    const writer = {
      pause: async () => undefined,
      store: { isStorageError, events: { has: async () => applied } as never },
    }
    return { run: () => writeWithEvent(writer, { id: 'ev_1' }, write), attempts }
  }

  it('repeats a write that was not applied, and no other', async () => {
    const [before, after] = [scripted('lost', 'applied'), scripted('applied_but_lost', 'conflict')]
    expect([await before.run(), await after.run()]).toEqual([true, true])
    expect([before.attempts, after.attempts]).toEqual([[], ['conflict']])
  })

  it('returns a conflict as it is, and throws when D1 never responds', async () => {
    expect(await scripted('lost', 'conflict').run()).toBe(false)
    const silent = scripted('lost', 'lost', 'lost', 'lost', 'lost', 'lost', 'applied')
    await expect(silent.run()).rejects.toThrow(StorageError)
    expect(silent.attempts).toEqual(['applied'])
  })
})
