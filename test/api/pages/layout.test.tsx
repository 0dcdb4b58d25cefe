import { describe, expect, it } from 'vitest'
import { activeWorld, createWorld, PUBLIC_URL, type World } from '../harness.ts'
import { authorize, browserOf, callbackUrl, startSignIn } from '../sign-in.ts'
import { hostedPages } from './every-page.ts'

const PAGES = [
  '/oauth/microsoft/authorize',
  '/oauth/microsoft/callback',
  '/oauth/microsoft/admin-consent',
]

const payloads = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "';alert(1)//",
  '<svg/onload=alert(1)>',
  'javascript:alert(1)',
  '</title><script>alert(1)</script>',
  '{{7*7}}',
  '#{alert(1)}',
  '<!--',
  '\u2028\u2029<b>',
  '+ADw-script+AD4-alert(1)+ADw-/script+AD4-',
  'data:text/html;base64,PHNjcmlwdD4=',
]

const get = (world: World, url: string, headers: Record<string, string> = {}) =>
  world.send(new Request(url, { headers }))

/** Hundreds of pages take seconds on a busy machine. */
const MANY_PAGES_TIMEOUT_MS = 60_000

describe('every hosted page', () => {
  it('cannot be framed, sends no referrer, is not stored and runs only our own script', async () => {
    for (const [name, { headers, body }] of Object.entries(
      await hostedPages(await activeWorld()),
    )) {
      const header = (key: string) => headers.get(key)
      expect(header('content-type'), name).toBe('text/html; charset=UTF-8')
      expect(header('x-frame-options'), name).toBe('DENY')
      expect(header('x-content-type-options'), name).toBe('nosniff')
      expect(header('referrer-policy'), name).toBe('no-referrer')
      expect(header('cache-control'), name).toBe('no-store')
      expect(header('cross-origin-opener-policy'), name).toBeNull()
      expect(header('access-control-allow-origin'), name).toBeNull()
      const csp = header('content-security-policy') ?? ''
      expect(csp.split('; ')).toEqual(
        expect.arrayContaining([
          "default-src 'none'",
          "style-src 'self'",
          "script-src 'self'",
          "base-uri 'none'",
          "form-action 'self'",
          "frame-ancestors 'none'",
        ]),
      )
      expect(csp).not.toContain('unsafe')
      expect(body.slice(0, 15), name).toBe('<!doctype html>')
      // Nothing inline: the policy would block it.
      expect(body, name).not.toMatch(/<style|<script>|<script [^>]*>[^<]| on\w+=| style=/)
    }
  })

  it(
    'repeats nothing from its URL',
    async () => {
      const world = await activeWorld()
      const { back, browser } = await startSignIn(world)
      const cookie = await browser.jar.getCookieString(back.href)
      const names = [
        'error',
        'error_description',
        'error_uri',
        'code',
        'iss',
        'tenant',
        'scope',
        'x',
      ]
      for (const payload of payloads) {
        const addresses = PAGES.flatMap((path) =>
          [...names, 'state', 'authorization', 'secret', 'admin_consent'].map(
            (name) => `${PUBLIC_URL}${path}?${new URLSearchParams({ [name]: payload })}`,
          ),
        )
        for (const address of addresses) {
          expect(await (await get(world, address, { cookie })).text()).not.toContain(payload)
        }
      }
      // Repeats this with a valid state, with which the response is trusted.
      for (const payload of payloads) {
        const { back: next, browser: other } = await startSignIn(world)
        for (const name of names.filter((each) => each !== 'code'))
          next.searchParams.set(name, payload)
        const mine = await other.jar.getCookieString(next.href)
        const page = await (await get(world, next.href, { cookie: mine })).text()
        expect(page).not.toContain(payload)
        expect(page).not.toContain('alert(1)')
      }
    },
    MANY_PAGES_TIMEOUT_MS,
  )

  it('escapes a hostile account name', async () => {
    const world = await activeWorld()
    const { url } = await authorize(world)
    world.entra.control.faultNext({
      kind: 'id_token_claims',
      claims: { preferred_username: '<img src=x onerror=alert(1)>@contoso.test' },
    })
    const browser = browserOf(world)
    const back = await callbackUrl(world, browser, url)
    const question = await browser.visit(back)
    expect(question.title).toBe('Is this the right account?')
    expect(question.body).not.toContain('<img src=x')
    expect(question.text).toContain('<img src=x onerror=alert(1)>@contoso.test')
  })
})

describe('the stylesheet and the script', () => {
  it('are served from our own origin, with their own content types', async () => {
    const world = await createWorld()
    const css = await get(world, `${PUBLIC_URL}/oauth/page.css`)
    expect(css.headers.get('content-type')).toBe('text/css; charset=utf-8')
    const js = await get(world, `${PUBLIC_URL}/oauth/page.js`)
    expect(js.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    for (const response of [css, js]) {
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(await response.text()).not.toMatch(/https?:\/\//)
    }
  })
})
