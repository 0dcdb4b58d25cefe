/** Every page of the product with its headers and HTML, reached the way people reach it. */
import { expect } from 'vitest'
import { activeWorld, PUBLIC_URL, type World } from '../harness.ts'
import { authorize, browserOf, CALLBACK, sendForm, signIn, startSignIn } from '../sign-in.ts'

const ADMIN_CONSENT = `${PUBLIC_URL}/oauth/microsoft/admin-consent`

export type ShownPage = { headers: Headers; body: string; status: number }

async function read(response: Response): Promise<ShownPage> {
  return { headers: response.headers, body: await response.text(), status: response.status }
}

const open = async (world: World, url: string) => read(await world.send(new Request(url)))

const submit = async (...form: Parameters<typeof sendForm>) => read(await sendForm(...form))

async function consentPages(world: World) {
  const { url } = await authorize(world)
  const form = new URL(url).searchParams
  return {
    interstitial: await open(world, url),
    redirecting: await submit(world, `${PUBLIC_URL}/oauth/microsoft/authorize`, form),
    'broken form': await submit(world, CALLBACK, new URLSearchParams()),
  }
}

/** The header that a browser sends for a page. */
export const ACCEPT_PAGE = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

async function resultPages(world: World) {
  const withLink = async (as?: string, body: object = {}) =>
    signIn(world, browserOf(world), (await authorize(world, { ...body })).url, as)
  const sent = { expires_in: 7200 }
  const completed = await withLink()
  const other = await withLink('bob@contoso.test')
  const sentCompleted = await withLink(undefined, sent)
  const sentOther = await withLink('bob@contoso.test', sent)
  const ended = await authorize(world)
  const { back, browser, status_url } = await startSignIn(world)
  const help = await read(await world.send(new Request(status_url, { headers: ACCEPT_PAGE })))
  const text = new URLSearchParams({ error: 'An error that nothing explains' })
  const elsewhere = await open(world, back.href)
  back.searchParams.delete('code')
  back.searchParams.set('error', 'access_denied')
  return {
    completed,
    'another account': other,
    'sent: completed': sentCompleted,
    'sent: another account': sentOther,
    'link ended': await open(world, ended.url),
    'wrong browser': elsewhere,
    help,
    'help without a cause': await submit(world, status_url, text),
    failed: await browser.visit(back),
    rejected: await open(world, `${CALLBACK}?state=unknown`),
  }
}

async function adminConsent(world: World) {
  const outcomes = { given: { admin_consent: 'True' }, refused: { error: 'access_denied' } }
  const pages: Record<string, ShownPage> = {}
  for (const [name, outcome] of Object.entries(outcomes)) {
    const path = '/v1/integrations/microsoft/admin-consent'
    const response = await world.call('POST', path, {})
    const link = new URL((await response.json<{ url: string }>()).url)
    const state = link.searchParams.get('state') ?? ''
    const query = new URLSearchParams({ state, ...outcome })
    pages[`admin consent ${name}`] = await open(world, `${ADMIN_CONSENT}?${query}`)
  }
  pages['admin consent rejected'] = await open(world, `${ADMIN_CONSENT}?state=unknown`)
  return pages
}

/** Adds the header to every request, as the browser of a reader in this language does. */
const speaking = (world: World, acceptLanguage: string): World => ({
  ...world,
  send(request) {
    request.headers.set('accept-language', acceptLanguage)
    return world.send(request)
  },
})

/** Returns the hosted pages by name. */
export async function hostedPages(world: World, acceptLanguage = 'en') {
  const reader = speaking(world, acceptLanguage)
  return {
    ...(await consentPages(reader)),
    ...(await resultPages(reader)),
    ...(await adminConsent(reader)),
  }
}

/** Returns the pages by name. The status of a hosted page depends on its outcome. */
export async function everyPage(): Promise<Record<string, ShownPage>> {
  const world = await activeWorld()
  const pages = {
    console: await open(world, `${PUBLIC_URL}/console/`),
    documentation: await open(world, `${PUBLIC_URL}/docs`),
    'API reference': await open(world, `${PUBLIC_URL}/docs/api/email-accounts`),
    problems: await open(world, `${PUBLIC_URL}/docs/problems`),
    'mail programs': await open(world, `${PUBLIC_URL}/docs/mail-programs`),
    ...(await hostedPages(world)),
  }
  const statuses = Object.entries(pages).map(([name, { status }]) => [name, status])
  expect(Object.fromEntries(statuses)).toEqual({
    console: 200,
    documentation: 200,
    'API reference': 200,
    problems: 200,
    'mail programs': 200,
    interstitial: 200,
    redirecting: 200,
    'broken form': 400,
    completed: 200,
    'another account': 200,
    'sent: completed': 200,
    'sent: another account': 409,
    'link ended': 410,
    'wrong browser': 400,
    help: 200,
    'help without a cause': 200,
    failed: 400,
    rejected: 400,
    'admin consent given': 200,
    'admin consent refused': 200,
    'admin consent rejected': 404,
  })
  return pages
}
