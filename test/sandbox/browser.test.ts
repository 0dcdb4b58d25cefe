import { describe, expect, it } from 'vitest'
import { createBrowser } from './browser.ts'

type SeenRequest = { method: string; url: string; headers: Headers; body: string }

/** A network of pages by path, on any host. Records the requests. */
function network(pages: Record<string, (seen: SeenRequest) => Response>) {
  const seen: SeenRequest[] = []
  const fetch = async (url: string, init: RequestInit) => {
    const request = {
      method: init.method ?? 'GET',
      url,
      headers: new Headers(init.headers as Record<string, string>),
      body: typeof init.body === 'string' ? init.body : '',
    }
    seen.push(request)
    return pages[new URL(url).pathname]?.(request) ?? new Response('nothing here', { status: 404 })
  }
  return { browser: createBrowser({ fetch }), seen }
}

const html =
  (body: string, headers: Record<string, string> = {}) =>
  () =>
    new Response(body, { headers: { 'content-type': 'text/html', ...headers } })
const redirect =
  (location: string, status = 302, headers: Record<string, string> = {}) =>
  () =>
    new Response(null, { status, headers: { location, ...headers } })

const APP = 'http://localhost:8787'
const LOGIN = 'http://127.0.0.1:8789'

describe('cookies', () => {
  const lax = '__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Lax'
  const strict = '__Host-b=1; Path=/; Secure; HttpOnly; SameSite=Strict'
  const world = () =>
    network({
      '/set': () => {
        const headers = new Headers([
          ['set-cookie', lax],
          ['set-cookie', strict],
        ])
        return new Response('', { headers })
      },
      '/form': html(`<form method="post" action="${APP}/target"><button></button></form>`),
      '/bounce': html('<form method="post" action="/go"><button></button></form>'),
      '/go': redirect(`${APP}/target`),
      '/target': html('here'),
    })

  it('with the __Host- prefix are accepted on http://localhost and sent to no other host', async () => {
    const { browser, seen } = world()
    await browser.visit(`${APP}/set`)
    await browser.visit(`${APP}/target`)
    await browser.visit(`${LOGIN}/target`)
    expect(seen.map((request) => request.headers.get('cookie'))).toEqual([
      null,
      '__Host-a=1; __Host-b=1',
      null,
    ])
  })

  it('with SameSite=Lax are sent on a cross-site GET, and none are sent on a cross-site POST', async () => {
    const { browser, seen } = world()
    await browser.visit(`${APP}/set`)
    const bounce = await browser.visit(`${LOGIN}/bounce`)
    await browser.submit(bounce)
    expect(seen.at(-1)).toMatchObject({ method: 'GET', url: `${APP}/target` })
    expect(seen.at(-1)?.headers.get('cookie')).toBe('__Host-a=1')
    const form = await browser.visit(`${LOGIN}/form`)
    await browser.submit(form)
    expect(seen.at(-1)).toMatchObject({ method: 'POST', url: `${APP}/target` })
    expect(seen.at(-1)?.headers.get('cookie')).toBeNull()
  })
})

describe('the origin of a navigation', () => {
  const pages = {
    '/page': html('a page'),
    '/next': redirect(`${APP}/end`),
    '/end': html('end'),
    '/form': html('<form method="post" action="/post"><button></button></form>'),
    '/quiet': html('<form method="post" action="/post"><button></button></form>', {
      'referrer-policy': 'no-referrer',
    }),
    '/post': html('posted'),
  }
  const sites = (seen: SeenRequest[]) =>
    seen.map((request) => request.headers.get('sec-fetch-site'))

  it('is "none" for a typed address and all its redirects', async () => {
    const { browser, seen } = network(pages)
    await browser.visit(`${LOGIN}/next`)
    expect(sites(seen)).toEqual(['none', 'none'])
    expect(seen.every((request) => request.headers.get('referer') === null)).toBe(true)
  })

  it('is cross-site if any URL of the chain is on another site', async () => {
    const { browser, seen } = network(pages)
    const from = await browser.visit(`${APP}/page`)
    await browser.visit(`${LOGIN}/next`, { from })
    expect(seen.at(-1)?.url).toBe(`${APP}/end`)
    expect(sites(seen)).toEqual(['none', 'cross-site', 'cross-site'])
    expect(seen.at(1)?.headers.get('referer')).toBe(`${APP}/`)
  })

  it('is same-site for another port of the same host', async () => {
    const { browser, seen } = network(pages)
    const from = await browser.visit('http://localhost:3000/page')
    await browser.visit(`${APP}/end`, { from })
    expect(sites(seen).at(-1)).toBe('same-site')
  })

  it('is sent as Origin on a POST, but as null from a page with no-referrer', async () => {
    const { browser, seen } = network(pages)
    await browser.submit(await browser.visit(`${APP}/form`))
    expect(sites(seen).at(-1)).toBe('same-origin')
    expect(seen.at(-1)?.headers.get('origin')).toBe(APP)
    await browser.submit(await browser.visit(`${APP}/quiet`))
    expect(sites(seen).at(-1)).toBe('same-origin')
    expect(seen.at(-1)?.headers.get('origin')).toBe('null')
    expect(seen.at(-1)?.headers.get('referer')).toBeNull()
  })
})
