import { describe, expect, it } from 'vitest'
import { createBrowser } from './browser.ts'

type Seen = { method: string; url: string; headers: Headers; body: string }

/** A network of pages by path, whatever the host; remembers what was asked of it. */
function network(pages: Record<string, (seen: Seen) => Response>) {
  const seen: Seen[] = []
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

  it('of __Host- kind are kept on http://localhost and do not reach another host', async () => {
    const { browser, seen } = world()
    await browser.visit(`${APP}/set`)
    await browser.visit(`${APP}/target`)
    await browser.visit(`${LOGIN}/target`)
    expect(seen.map((request) => request.headers.get('cookie'))).toEqual([
      null,
      '__Host-a=1; __Host-b=1',
      null,
    ])
    expect(await browser.cookieNames(APP)).toEqual(['__Host-a', '__Host-b'])
  })

  it('of a malformed __Host- name are dropped', async () => {
    const { browser } = network({
      '/set': html('', { 'set-cookie': '__Host-a=1; Path=/oauth; Secure' }),
    })
    await browser.visit(`${APP}/set`)
    expect(await browser.cookieNames(`${APP}/oauth`)).toEqual([])
  })

  it('of Lax kind come along when another site leads here by GET, none of them by POST', async () => {
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

describe('where a navigation comes from', () => {
  const pages = {
    '/page': html('<a href="http://127.0.0.1:8789/next">go</a>'),
    '/next': redirect(`${APP}/end`),
    '/end': html('end'),
    '/form': html('<form method="post" action="/post"><button></button></form>'),
    '/quiet': html('<form method="post" action="/post"><button></button></form>', {
      'referrer-policy': 'no-referrer',
    }),
    '/post': html('posted'),
  }
  const sites = (seen: Seen[]) => seen.map((request) => request.headers.get('sec-fetch-site'))

  it('is nowhere for a typed address, all along its redirects', async () => {
    const { browser, seen } = network(pages)
    await browser.visit(`${LOGIN}/next`)
    expect(sites(seen)).toEqual(['none', 'none'])
    expect(seen.every((request) => request.headers.get('referer') === null)).toBe(true)
  })

  it('is cross-site once any address of the chain was on another site', async () => {
    const { browser, seen } = network(pages)
    const page = await browser.visit(`${APP}/page`)
    await browser.click(page, 'go')
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

  it('is told by Origin on a POST, but as null from a page without referrer', async () => {
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

describe('moving on', () => {
  it('turns a POST into a GET at 302 and 303, and repeats it at 307', async () => {
    for (const [status, method] of [
      [302, 'GET'],
      [303, 'GET'],
      [307, 'POST'],
    ] as const) {
      const { browser, seen } = network({
        '/form': html('<form method="post" action="/go"><input name="a" value="1"></form>'),
        '/go': redirect('/end', status),
        '/end': html('end'),
      })
      await browser.submit(await browser.visit(`${APP}/form`))
      expect(seen.at(-1)).toMatchObject({ method, body: method === 'POST' ? 'a=1' : '' })
    }
  })

  it('follows a meta refresh as a navigation of that page', async () => {
    const { browser, seen } = network({
      '/hop': html(`<meta http-equiv="refresh" content="0; url=${LOGIN}/end">`),
      '/end': html('end'),
    })
    const page = await browser.visit(`${APP}/hop`)
    expect(page).toMatchObject({ url: `${LOGIN}/end`, visited: [`${APP}/hop`, `${LOGIN}/end`] })
    expect(seen.at(-1)?.headers.get('sec-fetch-site')).toBe('cross-site')
  })

  it('stops before an address when asked to, with the redirect in hand', async () => {
    const { browser, seen } = network({ '/go': redirect(`${APP}/callback?code=1`) })
    const page = await browser.visit(`${LOGIN}/go`, {
      stopBefore: (url) => url.pathname === '/callback',
    })
    expect(page.status).toBe(302)
    expect(page.headers.get('location')).toBe(`${APP}/callback?code=1`)
    expect(seen).toHaveLength(1)
  })

  it('gives up on a circle', async () => {
    const { browser } = network({ '/a': redirect('/a') })
    await expect(browser.visit(`${APP}/a`)).rejects.toThrow('in circles')
  })

  it('resolves links and forms against the page it ended on', async () => {
    const { browser, seen } = network({
      '/start': redirect('/deep/page'),
      '/deep/page': html(
        '<a href="other">other page</a><form action="search"><input name="q"></form>',
      ),
    })
    const page = await browser.visit(`${APP}/start`)
    await browser.click(page, 'other')
    expect(seen.at(-1)?.url).toBe(`${APP}/deep/other`)
    await browser.submit(page, { q: 'a b' })
    expect(seen.at(-1)).toMatchObject({ method: 'GET', url: `${APP}/deep/search?q=a+b` })
  })
})
