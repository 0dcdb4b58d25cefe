import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BrowserWorld, startBrowserWorld } from './world.ts'

let world: BrowserWorld
beforeAll(async () => {
  world = await startBrowserWorld({ without: ['checker', 'mail', 'third-party'] })
})
afterAll(() => world?.stop())

const hosted = ['/oauth/microsoft/authorize', '/oauth/microsoft/callback']
const pages = [
  '/console/',
  '/docs',
  '/docs/api/grants',
  '/docs/causes',
  '/docs/mail-programs',
  ...hosted,
  '/oauth/microsoft/admin-consent',
]

async function headersOf(path: string) {
  const response = await fetch(`${world.urls.api}${path}`)
  await response.body?.cancel()
  return response.headers
}

/** Parses `default-src 'none'; img-src data:` to `{ 'default-src': ["'none'"], ... }`. */
const policyOf = (headers: Headers) =>
  Object.fromEntries(
    (headers.get('content-security-policy') ?? '').split(';').map((directive) => {
      const [name = '', ...sources] = directive.trim().split(/\s+/)
      return [name, sources]
    }),
  )

describe.each(pages)('%s', (path) => {
  it('is an HTML page that cannot be framed', async () => {
    const headers = await headersOf(path)
    expect(headers.get('content-type')).toMatch(/^text\/html/)
    expect(policyOf(headers)['frame-ancestors']).toEqual(["'none'"])
  })

  it('runs and loads only its own files', async () => {
    const policy = policyOf(await headersOf(path))
    expect(policy['default-src']).toEqual(["'none'"])
    expect(policy['base-uri']).toEqual(["'none'"])
    const elsewhere = ["'none'", "'self'", 'data:']
    const sources = Object.entries(policy).flatMap(([name, list]) =>
      list.filter((source) => !elsewhere.includes(source)).map((source) => `${name} ${source}`),
    )
    expect(sources).toEqual([])
    expect(policy['script-src'] ?? []).not.toContain('data:')
  })

  it('sends no referrer and forbids content sniffing', async () => {
    const headers = await headersOf(path)
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })
})

it.each(hosted)('%s leaves the popup with its opener', async (path) => {
  expect((await headersOf(path)).has('cross-origin-opener-policy')).toBe(false)
})

it('lets the console open popups that sever their opener', async () => {
  const headers = await headersOf('/console/')
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin-allow-popups')
})

it('lets other sites load connect.js', async () => {
  const headers = await headersOf('/connect.js')
  expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  expect(headers.get('content-type')).toMatch(/^text\/javascript/)
})
