import { describe, expect, it } from 'vitest'
import pages from '../../../api/diagnosis/catalogue/pages.txt?raw'
import { describeCauses } from '../../../api/diagnosis/diagnose.ts'
import { parsePageTexts } from '../../../api/docs/causes.tsx'
import { ProblemCode } from '../../../schema/problem.ts'
import { problemTable } from '../../../schema/problems.ts'
import { app } from '../../sandbox/personas.ts'
import { activeWorld, createWorld, PUBLIC_URL, type World } from '../harness.ts'

const open = (world: World, path: string, headers: Record<string, string> = {}) =>
  world.send(new Request(`${PUBLIC_URL}${path}`, { headers }))

const fetchPage = async (path: string) => {
  const response = await open(await createWorld(), path)
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
    const problem = await world.problem('GET', '/v1/none')
    expect(problem.type).toBe(`${PUBLIC_URL}/docs/problems#not_found`)
    expect(await fetchPage('/docs/problems')).toContain('<section id="not_found"')
  })
})

function expectHelp(page: string, code: ProblemCode) {
  const section = page.split(`<section id="${code}"`)[1]?.split('</section>')[0] ?? ''
  const { title, status } = problemTable[code]
  expect(section).toContain(`<h2>${title.replaceAll("'", '&#39;')}</h2>`)
  expect(section).toContain(`</a> ${status}</p>`)
  expect(section.replaceAll(/<[^>]+>/g, '').length).toBeGreaterThan(title.length + 60)
  expect(section).not.toContain('`')
}

describe('/docs/mail-programs', () => {
  it('leads from the anchors of its time as one page to the page of each program', async () => {
    const page = await fetchPage('/docs/mail-programs')
    expect(page).toContain('<tr id="mutt"><td><a href="/docs/mail-programs/mutt">Mutt</a>')
    expect(page).toContain('<h2 id="use-it-safely">')
  })

  it('has the address of this deployment in its examples', async () => {
    const page = await fetchPage('/docs/mail-programs')
    expect(page).toContain(` ${PUBLIC_URL}/mailgrant-token\n`)
    expect(page).toContain(`<code>${PUBLIC_URL}/oauth/token</code>`)
    expect(page).not.toContain('mail.example.com')
  })
})

it('links from the alerts to the documentation of this deployment', async () => {
  const alerts = await fetchPage('/docs/prometheus-alerts.yaml')
  expect(alerts).toContain(`runbook_url: ${PUBLIC_URL}/docs/operating/runbook#no-tokens\n`)
  expect(alerts).not.toContain('mail.example.com')
})

describe('/docs/causes', () => {
  const MISMATCH = '/docs/causes/redirect-uri-mismatch'

  it('has a page for each cause: error texts, reason, who acts, fix, sources', async () => {
    const page = await fetchPage(MISMATCH)
    for (const text of [
      '<h1>The redirect URI is not registered</h1>',
      'AADSTS500113',
      'The redirect URI specified in the request does not match',
      'The owner of the app registration',
      'href="https://learn.microsoft.com/en-us/entra/identity-platform/reply-url"',
      '<time datetime="2026-11">2026-11</time>',
    ]) {
      expect(page).toContain(text)
    }
  })

  it('shows every source of each cause, and the day on which it was last compared with them', async () => {
    const world = await createWorld()
    const words = parsePageTexts(pages)
    for (const { cause, docs, checked } of describeCauses({})) {
      const page = await (await open(world, `/docs/causes/${cause}`)).text()
      const sources = [...docs, ...(words.get(cause)?.reports ?? [])]
      expect(sources.filter((url) => !page.includes(`href="${url}"`))).toEqual([])
      expect(page).toContain(`<time datetime="${checked}">`)
    }
  })

  it('numbers the steps of a fix, and not how to check or undo it', async () => {
    const page = await fetchPage('/docs/causes/smtp-auth-disabled-mailbox')
    const [steps = ''] = page.match(/<ol>.*?<\/ol>/s) ?? []
    expect(steps).toContain('Or leave SMTP AUTH off')
    expect(steps).not.toMatch(/It worked when|To undo it/)
    expect(page.slice(page.indexOf(steps))).toMatch(/It worked when.*To undo it/s)
  })

  it('says which fixes weaken a protection', async () => {
    const page = await fetchPage('/docs/causes/smtp-auth-disabled-tenant')
    expect(page.match(/This weakens a protection/g)).toHaveLength(2)
    expect(await fetchPage(MISMATCH)).not.toContain('weakens a protection')
  })

  it('begins the title with the number that people search for', async () => {
    expect(await fetchPage(MISMATCH)).toContain('<title>AADSTS50011: The redirect URI is not')
  })
})

describe('the page for the admin who consents', () => {
  const APPROVAL = '/docs/guides/approval'

  it('shows the product and the client ID of the app, and nothing to search engines', async () => {
    const brand = { name: 'Acme <Desk> $&', logoUrl: null }
    const world = await activeWorld({ settings: { brand } })
    const response = await open(world, APPROVAL)
    expect(response.headers.get('x-robots-tag')).toBe('noindex')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    const page = await response.text()
    expect(page).toContain('<code>Acme &lt;Desk&gt; $&amp;</code>')
    expect(page).toContain(`<code>${app.clientId}</code>`)
    expect(page).toContain(`<code>${PUBLIC_URL}</code>`)
    expect(page).not.toContain('client ID&gt;')
  })

  it('says that the app is not set up yet, and no product is stated', async () => {
    const page = await fetchPage(APPROVAL)
    expect(page).toContain('<code>not set up yet</code>')
    expect(page).toContain('<code>not stated, so ask the operator</code>')
  })
})

describe('a page of the documentation', () => {
  const paths = ['/docs', '/docs/api/grants', '/docs/causes', '/docs/mail-programs/mutt']

  it.each(paths)(
    '%s names its address, may be cached, and is answered with 304 while it is unchanged',
    async (path) => {
      const world = await createWorld()
      const first = await open(world, path)
      expect(first.headers.get('cache-control')).toBe('public, max-age=300')
      expect(first.headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(first.headers.has('x-robots-tag')).toBe(false)
      const page = await first.text()
      expect(page).toContain(`<link rel="canonical" href="${PUBLIC_URL}${path}"/>`)
      expect(page).not.toContain('noindex')
      const etag = first.headers.get('etag') ?? ''
      expect((await open(world, path, { 'if-none-match': etag })).status).toBe(304)
    },
  )

  it.each(['setup.sh', 'setup.ps1', 'app-only.sh', 'app-only.ps1'])(
    'links to %s, the script as it is before the setup guide fills in its values',
    async (name) => {
      const response = await open(await createWorld(), `/docs/${name}`)
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(await response.text()).toMatch(/^\$?app_?[nN]ame ?= ?''$/m)
    },
  )

  it.each(['/docs/causes/none', '/docs/none', '/docs/api/..%2fgrants', '/docs/docs.css.html'])(
    'does not exist at %s, which responds with a page that leads on',
    async (path) => {
      const response = await open(await createWorld(), path)
      expect(response.status).toBe(404)
      expect(response.headers.get('cache-control')).toBe('no-cache')
      expect(await response.text()).toContain('<a href="/docs/causes">see all causes</a>')
    },
  )
})
