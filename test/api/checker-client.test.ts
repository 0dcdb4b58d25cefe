import { expect, it } from 'vitest'
import { createCheckerClient } from '../../api/checker-client.ts'
import { createApp as createChecker } from '../../checker/app.ts'
import { settings } from './harness.ts'

const CHUNK = 16 * 1024
const { checkerKeys: ring } = settings
const now = () => new Date('2026-11-24T09:00:00Z')

const clientOf = (fetch: typeof globalThis.fetch) =>
  createCheckerClient({
    fetch,
    url: 'https://checker.test',
    ring,
    now,
    random: (n) => crypto.getRandomValues(new Uint8Array(n)),
  })

/** Asks a checker whose response has these headers and never ends. Returns how much of it was read, in bytes. */
async function readOf(headers: Record<string, string>): Promise<number> {
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += CHUNK
      controller.enqueue(new Uint8Array(CHUNK).fill(0x78))
    },
  })
  const client = clientOf(async () => new Response(body, { headers }))
  expect(await client.readiness()).toBe('malformed')
  return sent
}

it.each([
  ['has no length', {}],
  [
    'states a small length beside chunks',
    { 'content-length': '10', 'transfer-encoding': 'chunked' },
  ],
  [
    'states the small length of a compressed one',
    { 'content-length': '10', 'content-encoding': 'gzip' },
  ],
])('does not keep an endless response that %s', async (_what, headers) => {
  expect(await readOf(headers)).toBeLessThanOrEqual(128 * 1024)
})

it.each(['65537', '1000000000', 'unknown'])(
  'does not read a response with the length %s',
  async (length) => {
    // A stream reads its first chunk when it is created, before anyone asks for it.
    expect(await readOf({ 'content-length': length })).toBeLessThanOrEqual(CHUNK)
  },
)

it.each([
  ['with its length', true],
  ['in chunks', false],
])('reads a response %s', async (_how, stated) => {
  const checker = createChecker({
    ring,
    now,
    log: () => {},
    probe: () => Promise.reject(new Error()),
  })
  const client = clientOf(async (input, init) => {
    const response = await checker.fetch(new Request(input, init))
    const text = await response.text()
    return new Response(text, stated ? { headers: { 'content-length': `${text.length}` } } : {})
  })
  expect(await client.readiness()).toBe('ready')
})
