import { describe, expect, it } from 'vitest'
import { newEvent } from '../../../api/domain/events.ts'
import { UNLIMITED } from '../../../api/model/access.ts'
import type { ValidationRecord } from '../../../api/model/validation.ts'
import { createMailWorld, passwordForm } from '../mail-world.ts'

const T0 = Date.UTC(2026, 10, 24, 9)

const record = (id: string, changes: Partial<ValidationRecord> = {}): ValidationRecord => ({
  id,
  mailAccountId: null,
  saved: false,
  grantId: null,
  fingerprint: 'print',
  outcome: 'passed',
  protocol: 'imap',
  host: 'mail.example.org',
  port: 993,
  security: 'tls',
  mechanism: 'PLAIN',
  identity: 'desk@example.org',
  steps: [{ name: 'dns', outcome: 'passed', duration_ms: 1, detail: null }],
  failure: null,
  warnings: ['a warning'],
  facts: null,
  durationMs: 12,
  checkedAt: new Date(T0),
  ...changes,
})

async function worldWithAccount() {
  const world = await createMailWorld()
  const { id } = await world.save(passwordForm())
  const { store } = world.services
  const actor = { type: 'system' as const, id: null }
  const add = (validation: ValidationRecord, version: number | null) =>
    store.validations.add(
      validation,
      newEvent(world.services, { actor }, 'validation.passed', validation.id),
      version === null ? null : { id, version },
    )
  const last = async () => (await store.mailAccounts.read(id, UNLIMITED))?.lastValidation ?? null
  return { ...world, add, last, store }
}

describe('storing a validation', () => {
  it('returns what was stored', async () => {
    const world = await worldWithAccount()
    const failed = record('va_1', {
      failure: { from: 'token', code: 'reconnect_required', facts: null },
    })
    await world.add(failed, null)
    expect(await world.store.validations.read('va_1', UNLIMITED)).toEqual(failed)
    expect(await world.store.validations.read('va_2', UNLIMITED)).toBeNull()
  })

  it('becomes the last validation of the account whose values were tested', async () => {
    const world = await worldWithAccount()
    await world.add(record('va_1'), 1)
    expect(await world.last()).toEqual({
      id: 'va_1',
      outcome: 'passed',
      checkedAt: new Date(T0),
    })
  })

  it('is not the last validation of an account that has changed meanwhile', async () => {
    const world = await worldWithAccount()
    await world.add(record('va_1'), 7)
    expect(await world.last()).toBeNull()
    expect(await world.store.validations.read('va_1', UNLIMITED)).not.toBeNull()
  })

  it('does not replace a newer one that was stored first', async () => {
    const world = await worldWithAccount()
    await world.add(record('va_2', { checkedAt: new Date(T0 + 1) }), 1)
    await world.add(record('va_1', { checkedAt: new Date(T0) }), 1)
    expect((await world.last())?.id).toBe('va_2')
  })
})
