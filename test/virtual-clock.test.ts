import { expect, it } from 'vitest'
import { createVirtualClock } from './faults/virtual-clock.ts'

const START = '2026-11-24T09:00:00.000Z'

/** Occupies a thread of WebCrypto for many turns of the event loop. */
async function derive(): Promise<void> {
  const password = await crypto.subtle.importKey('raw', new Uint8Array(32), 'PBKDF2', false, [
    'deriveBits',
  ])
  const salt = new Uint8Array(16)
  await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 100_000 },
    password,
    256,
  )
}

it('lets no time pass while WebCrypto derives a key', async () => {
  const clock = createVirtualClock(START)
  const uninstall = clock.install()
  try {
    let derivedAt: Date | null = null
    void derive().then(() => {
      derivedAt = clock.now()
    })
    await clock.advance(1000)
    expect(derivedAt).toEqual(new Date(START))
  } finally {
    uninstall()
  }
})
