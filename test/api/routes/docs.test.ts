import { describe, expect, it } from 'vitest'
import { describeCauses, listCauses } from '../../../api/diagnosis/diagnose.ts'
import { problemTable } from '../../../api/problem.ts'
import { ProblemCode } from '../../../schema/problem.ts'
import { parseDocument } from '../../sandbox/forms.ts'
import { createWorld, PUBLIC_URL } from '../harness.ts'

const fetchPage = async (path: string) => {
  const world = await createWorld()
  const response = await world.send(new Request(`${PUBLIC_URL}${path}`))
  expect(response.status).toBe(200)
  return response.text()
}

describe('/docs/problems', () => {
  it('explains every problem code and what to do about it', async () => {
    const page = await fetchPage('/docs/problems')
    for (const code of ProblemCode.options) expectHelp(page, code)
  })

  it('is what the type of a problem links to', async () => {
    const world = await createWorld()
    const problem = await (await world.call('GET', '/v1/none')).json<{ type: string }>()
    expect(problem.type).toBe(`${PUBLIC_URL}/docs/problems#not_found`)
    expect(await fetchPage('/docs/problems')).toContain('<section id="not_found">')
  })
})

function expectHelp(page: string, code: ProblemCode) {
  const section = page.split(`<section id="${code}">`)[1]?.split('</section>')[0] ?? ''
  const { title, status } = problemTable[code]
  expect(section).toContain(`<h2>${title.replaceAll("'", '&#39;')}</h2>`)
  expect(section).toContain(`</a> ${status}</p>`)
  expect(section.replaceAll(/<[^>]+>/g, '').length).toBeGreaterThan(title.length + 60)
  expect(section).not.toContain('`')
}

describe('/docs/mail-programs', () => {
  const PATH = '/docs/mail-programs'

  it('has a section for each entry of its list', async () => {
    const page = await fetchPage(PATH)
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    const { links } = parseDocument(page, PUBLIC_URL + PATH)
    const anchors = links
      .filter(({ href }) => href.startsWith(`${PUBLIC_URL}${PATH}#`))
      .map(({ href }) => new URL(href).hash.slice(1))
    expect(anchors).toEqual(expect.arrayContaining(['the-api-key', 'use-it-safely']))
    expect(anchors.filter((anchor) => !ids.includes(anchor))).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('has the address of this deployment in its examples', async () => {
    const page = await fetchPage(PATH)
    expect(page).toContain(` ${PUBLIC_URL}/mailgrant-token\n`)
    expect(page).toContain(`<code>${PUBLIC_URL}/oauth/token</code>`)
    expect(page).not.toContain('mail.example.com')
  })

  it('says in the navigation of the documentation where the reader is', async () => {
    const page = await fetchPage(PATH)
    expect(page).toContain(`<a href="${PATH}" aria-current="page">Mail programs</a>`)
  })

  it('is not found where api/build.ts has not run', async () => {
    const assets = async () => new Response(null, { status: 404 })
    const world = await createWorld({ outside: { assets } })
    expect((await world.send(new Request(PUBLIC_URL + PATH))).status).toBe(404)
  })
})

describe('/docs/causes', () => {
  const MISMATCH = '/docs/causes/redirect-uri-mismatch'

  it('lists every cause with a link to its page', async () => {
    const { links } = parseDocument(await fetchPage('/docs/causes'), `${PUBLIC_URL}/docs/causes`)
    const hrefs = links.map(({ href }) => href)
    for (const { url } of listCauses({ causePages: `${PUBLIC_URL}/docs/causes` })) {
      expect(hrefs).toContain(url)
    }
  })

  it('has a page for each cause: error texts, reason, who acts, fix, sources', async () => {
    const page = await fetchPage(MISMATCH)
    for (const text of [
      '<h1>The redirect URI is not registered</h1>',
      'AADSTS500113',
      'The redirect URI specified in the request does not match',
      'The owner of the app registration',
      'href="https://learn.microsoft.com/en-us/entra/identity-platform/reply-url"',
      '<time datetime="2026-11-24">24 November 2026</time>',
    ]) {
      expect(page).toContain(text)
    }
  })

  it('shows every source of each cause, and the day on which it was last compared with them', async () => {
    const world = await createWorld()
    for (const { cause, docs, checked } of describeCauses({})) {
      const response = await world.send(new Request(`${PUBLIC_URL}/docs/causes/${cause}`))
      const page = await response.text()
      expect(docs.filter((url) => !page.includes(`href="${url}"`))).toEqual([])
      expect(page).toContain(`<time datetime="${checked}">`)
    }
  })

  it('gives search engines a title, a description and an address of its own per page', async () => {
    const world = await createWorld()
    const heads: string[] = []
    for (const { cause, url } of listCauses({ causePages: `${PUBLIC_URL}/docs/causes` })) {
      const response = await world.send(new Request(`${PUBLIC_URL}/docs/causes/${cause}`))
      const [head = ''] = (await response.text()).split('<body>')
      expect(head).toContain(`<link rel="canonical" href="${url}"/>`)
      expect(head).not.toMatch(/noindex|&lt;/)
      expect(response.headers.has('x-robots-tag')).toBe(false)
      heads.push(/<title>(.*)<\/title>/.exec(head)?.[1] ?? '')
      heads.push(/name="description" content="(.*?)"/.exec(head)?.[1] ?? '')
    }
    expect(heads.filter((text) => text.length < 20)).toEqual([])
    expect(new Set(heads).size).toBe(heads.length)
    expect(await fetchPage(MISMATCH)).toContain('<title>AADSTS50011: The redirect URI is not')
  })

  it('may be cached, and is answered with 304 while it is unchanged', async () => {
    const world = await createWorld()
    for (const path of ['/docs/causes', MISMATCH]) {
      const first = await world.send(new Request(`${PUBLIC_URL}${path}`))
      expect(first.headers.get('cache-control')).toBe('public, max-age=300')
      expect(first.headers.get('content-security-policy')).toContain("default-src 'none'")
      const headers = { 'if-none-match': first.headers.get('etag') ?? '' }
      const again = await world.send(new Request(`${PUBLIC_URL}${path}`, { headers }))
      expect(again.status).toBe(304)
    }
  })

  it('answers 404 with a page for an unknown cause', async () => {
    const world = await createWorld()
    const response = await world.send(new Request(`${PUBLIC_URL}/docs/causes/none`))
    expect(response.status).toBe(404)
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(await response.text()).toContain('<a href="/docs/causes">See all causes</a>')
  })
})

it('links the documentation pages to each other', async () => {
  for (const path of ['/docs', '/docs/problems', '/docs/causes']) {
    const { links } = parseDocument(await fetchPage(path), `${PUBLIC_URL}${path}`)
    const hrefs = links.map(({ href }) => href)
    for (const to of ['/docs', '/docs/problems', '/docs/causes', '/openapi.json', '/console/']) {
      expect(hrefs).toContain(`${PUBLIC_URL}${to}`)
    }
  }
})
