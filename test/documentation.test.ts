import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'parse5'
import { describe, expect, it } from 'vitest'
import { describeCauses } from '../api/diagnosis/diagnose.ts'
import { findEntries, type SearchEntry } from '../api/docs/browser/search.ts'
import { PAGES } from '../api/docs/guides.tsx'
import { highlight } from '../api/docs/highlight.ts'
import { linkToPages } from '../api/docs/links.ts'
import { mailProgramSection } from '../api/docs/mail-programs.tsx'
import { type MarkdownFile, renderMarkdown } from '../api/docs/markdown.ts'
import { callsOf, type Document } from '../api/docs/openapi.ts'
import { buildSite } from '../api/docs/site.tsx'
import { EXAMPLE_URL } from '../api/paths.ts'
import { problemTable } from '../schema/problems.ts'
import { attribute, elements } from './sandbox/forms.ts'
import { root } from './source-files.ts'

const readMarkdown = (folder: string): MarkdownFile[] =>
  readdirSync(root + folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => ({ name, text: readFileSync(`${root}${folder}/${name}`, 'utf8') }))

const openapi: Document = JSON.parse(readFileSync(`${root}schema/openapi.json`, 'utf8'))
const guides = readMarkdown('api/docs/guides')
const mailPrograms = readMarkdown('test/examples/mail-programs')
const readText = (path: string) => readFileSync(root + path, 'utf8')
const site = buildSite({ openapi, guides, mailPrograms, readText })

/** Path, ids and links of each page. */
const pages = new Map(
  [...site]
    .filter(([path]) => path.endsWith('.html'))
    .map(([path, html]) => {
      const all = [...elements(parse(html))]
      const navigation = all.find((each) => attribute(each, 'id') === 'navigation')
      const linksIn = (some: typeof all) =>
        some.filter(({ tagName }) => tagName === 'a').map((each) => attribute(each, 'href') ?? '')
      const page = {
        html,
        ids: all.flatMap((each) => attribute(each, 'id') ?? []),
        links: linksIn(all),
        navigation: navigation ? linksIn([...elements(navigation)]) : [],
        current: all
          .filter((each) => attribute(each, 'aria-current') !== null)
          .map((each) => attribute(each, 'href')),
      }
      return [path.replace(/\.html$/, ''), page]
    }),
)
const pageAt = (path: string) => {
  const page = pages.get(path)
  if (!page) throw new Error(`There is no page ${path}.`)
  return page
}
const entries: SearchEntry[] = JSON.parse(site.get('/docs/search.json') ?? '')

/** Paths with anchors of everything that a reader may look for. */
const calls = callsOf(openapi).map(({ tags: [tag = ''], operationId }) => ({
  path: `/docs/api/${tag.toLowerCase().replaceAll(' ', '-')}`,
  anchor: operationId,
}))
const problems = Object.keys(problemTable).map((anchor) => ({ path: '/docs/problems', anchor }))
const guidePaths = guides.map(({ name }) => `/docs/guides/${name.replace('.md', '')}`)
const programPaths = mailPrograms
  .filter(({ name }) => name !== 'README.md')
  .map(({ name }) => `/docs/mail-programs/${name.replace('.md', '')}`)
const causePaths = describeCauses({}).map(({ cause }) => `/docs/causes/${cause}`)

describe('the navigation', () => {
  it('lists every guide and mail program on each page', () => {
    for (const [path, { navigation }] of pages) {
      expect(navigation, path).toEqual(expect.arrayContaining([...guidePaths, ...programPaths]))
    }
  })

  it('lists the operations of a topic, the problems and the causes of a kind on their pages', () => {
    for (const { path, anchor } of [...calls, ...problems]) {
      expect(pageAt(path).navigation).toContain(`#${anchor}`)
      expect(pageAt('/docs').navigation).toContain(path)
    }
    for (const path of causePaths) {
      expect(pageAt(path).navigation).toContain(path)
      expect(pageAt('/docs/causes').links).toContain(path)
    }
  })

  it('marks the page that is open', () => {
    for (const [path, { current }] of pages) {
      expect(current).toEqual(path === '/docs/not-found' ? [] : [path])
    }
  })
})

describe('the search', () => {
  it('finds every operation, problem, guide, cause and mail program', () => {
    const paths = entries.map(({ path }) => path)
    expect(paths).toEqual(
      expect.arrayContaining([
        ...[...calls, ...problems].map(({ path, anchor }) => `${path}#${anchor}`),
        ...guidePaths,
        ...programPaths,
        ...causePaths,
      ]),
    )
    expect(new Set(paths).size).toBe(paths.length)
  })

  it.each([
    ['AADSTS50011', '/docs/causes/redirect-uri-mismatch'],
    ['msmtp', '/docs/mail-programs/msmtp'],
    ['reconnect_required', '/docs/problems#reconnect_required'],
    ['issueAccessToken', '/docs/api/email-accounts#issueAccessToken'],
    ['post /v1/webhooks', '/docs/api/webhooks#createWebhook'],
    ['smtp auth tenant', '/docs/causes/smtp-auth-disabled-tenant'],
    [
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. [AM0PR04CA0012.eurprd04.prod.outlook.com]',
      '/docs/causes/smtp-auth-disabled-tenant',
    ],
    ['xoauth2_raw', '/docs/api/email-accounts#issueAccessToken'],
    ['refresh tok', '/docs/causes/refresh-token-expired'],
    ['TRUSTED_PROXIES', '/docs/operating/settings#settings'],
    ['disk full', '/docs/operating/runbook#disk-full'],
    ['machine lost', '/docs/operating/standby'],
  ])('finds "%s"', (query, path) => {
    expect(findEntries(entries, query).map((entry) => entry.path)).toContain(path)
  })

  it.each([
    ['550 5.7.30', '/docs/causes/basic-auth-blocked'],
    ['app-only', '/docs/guides/app-only'],
    ['webhook signature', '/docs/guides/webhooks#verify-the-signature'],
    ['client secret expired', '/docs/causes/client-secret-expired'],
    ['imap is disabled', '/docs/causes/imap-disabled-mailbox'],
    ['create api keys', '/docs/api/api-keys#createApiKey'],
    ['import tokens', '/docs/api/grants#importGrant'],
    ['python', '/docs/mail-programs/python'],
  ])('finds "%s" first of all', (query, path) => {
    expect(findEntries(entries, query)[0]?.path).toBe(path)
  })

  /** Questions in readers' own words, and the page that has the answer. */
  it.each([
    ['azure redirect uri mismatch', '/docs/causes/redirect-uri-mismatch'],
    ['which api permissions do I add', '/docs/guides/first-mailbox'],
    ['"need admin approval" screen', '/docs/causes/admin-consent-required'],
    ['connect shared mailbox support@', '/docs/guides/shared-mailboxes'],
    ['python imaplib xoauth2 example', '/docs/mail-programs/python'],
    ['how long is access token valid', '/docs/guides/mail-worker'],
    ['429 too many requests', '/docs/problems'],
    ['are refresh tokens encrypted at rest', '/docs/operating/data-protection'],
    ['employee left, revoke mailbox', '/docs/guides/reconnect-or-remove'],
    ['535 5.7.139 SmtpClientAuthentication is disabled', '/docs/causes/smtp-auth-disabled-tenant'],
    ['suddenly asks to sign in again', '/docs/guides/reconnect-or-remove'],
    ['backup and restore to new server', '/docs/operating/backup'],
    ['client secret expires next month', '/docs/causes/client-secret-expired'],
    ['cloudflare or own server, difference', '/docs/guides/cloudflare-or-server'],
    ['firewall outbound ports hosts needed', '/docs/guides/private-server'],
    ['get notified when a mailbox stops working', '/docs/guides/alerts'],
    ['limit access to some mailboxes', '/docs/guides/app-only'],
    ['read mail without sign-in', '/docs/guides/app-only'],
    ['how to update mailgrant', '/docs/operating/install'],
    ['postfix relay', '/docs/mail-programs/postfix'],
    ['client credentials', '/docs/guides/app-only'],
    ['nginx', '/docs/guides/behind-a-proxy'],
    ['freescout', '/docs/guides/other-products'],
    ['personal outlook.com account', '/docs/guides/personal-accounts'],
    ['authenticated but not connected', '/docs/causes/imap-disabled-mailbox'],
    ['refresh token expired after 90 days', '/docs/causes/refresh-token-expired'],
    ['token stops working after one hour', '/docs/guides/mail-worker'],
    ['AUTHENTICATE failed', '/docs/causes/token-wrong-audience'],
    ['wrong account signed in', '/docs/causes/account-mismatch'],
    ['server not reachable from internet', '/docs/guides/private-server'],
    ['send without smtp auth', '/docs/guides/smtp-or-graph'],
    ['many customers one app', '/docs/guides/many-customers'],
    ['publisher verification', '/docs/guides/many-customers'],
    ['gcc high national cloud', '/docs/guides/first-mailbox'],
    ['conditional access blocked', '/docs/causes/conditional-access-block'],
    ['popup does not close', '/docs/guides/third-party-page'],
    ['http_proxy corporate proxy', '/docs/guides/behind-a-proxy'],
    ['prometheus metrics', '/docs/operating/runbook'],
    ['how to delete a mailbox', '/docs/guides/reconnect-or-remove'],
    ['google workspace gmail', '/docs/guides/limits'],
  ])('has the answer to "%s" among the first three', (question, page) => {
    const first = findEntries(entries, question).slice(0, 3)
    expect(first.map(({ path }) => path.split('#')[0])).toContain(page)
  })

  it('puts the entry whose title has the words first', () => {
    const entry = (title: string, text = ''): SearchEntry => ({
      kind: 'Guide',
      title,
      path: `/docs/${title}`,
      words: '',
      text,
    })
    const some = [entry('Other', 'webhooks'), entry('Webhooks'), entry('None')]
    expect(findEntries(some, 'webhook').map(({ title }) => title)).toEqual(['Webhooks', 'Other'])
    const sections = [1, 2, 3].map((count) => ({ ...entry(`Section ${count}`), page: 'Long' }))
    expect(findEntries([...sections, entry('Last section')], 'section')).toHaveLength(3)
    expect(findEntries(some, ' ')).toEqual([])
    expect(findEntries(some, 'zzz')).toEqual([])
  })
})

describe('every page', () => {
  /** Paths of the product outside the documentation. */
  const OTHERS = [
    '/console/',
    '/openapi.json',
    '/connect.js',
    '/connect.d.ts',
    '/mailgrant-token',
    '/docs/grafana.json',
    ...['app-only.ps1', 'app-only.sh', 'setup.ps1', 'setup.sh'].map((name) => `/docs/${name}`),
    '/docs/prometheus-alerts.yaml',
  ]

  it('has no dead links', () => {
    const dead = [...pages].flatMap(([path, { links }]) =>
      links
        .map((href) => new URL(href, EXAMPLE_URL + path))
        .filter(({ origin }) => origin === EXAMPLE_URL)
        .filter(({ pathname, hash }) => {
          if (OTHERS.includes(pathname)) return false
          const ids = pages.get(pathname)?.ids
          return !ids || (hash !== '' && !ids.includes(hash.slice(1)))
        })
        .map(({ href }) => `${path}: ${href}`),
    )
    expect(dead).toEqual([])
    for (const { path } of entries) {
      const { pathname, hash } = new URL(path, EXAMPLE_URL)
      expect(hash === '' || pageAt(pathname).ids.includes(hash.slice(1)), path).toBe(true)
    }
  })

  it('uses each id once', () => {
    for (const [path, { ids }] of pages) expect(new Set(ids).size, path).toBe(ids.length)
  })

  it('has a title of its own, and a description that differs from all others', () => {
    const heads = [...pages].filter(([path]) => path !== '/docs/not-found')
    const titles = heads.map(([, { html }]) => /<title>(.*)<\/title>/.exec(html)?.[1] ?? '')
    const descriptions = heads.map(
      ([, { html }]) => /name="description" content="(.*?)"/.exec(html)?.[1] ?? '',
    )
    expect(titles.filter((text) => text.length < 16)).toEqual([])
    expect(descriptions.filter((text) => text.length < 20)).toEqual([])
    expect(new Set(titles).size).toBe(titles.length)
    expect(new Set(descriptions).size).toBe(descriptions.length)
  })

  it('has no placeholder of the catalogue in its head', () => {
    for (const [path, { html }] of pages) {
      expect(html.slice(0, html.indexOf('<body>')), path).not.toContain('&lt;')
    }
  })
})

describe('the chapter about mail programs', () => {
  it('cannot be built from a file without a title, or without its head', () => {
    const build = (...files: MarkdownFile[]) => mailProgramSection(files, (text) => text)
    const head = { name: 'README.md', text: '# Mail programs\n\nText.\n' }
    const untitled = { name: 'a.md', text: 'a\n' }
    expect(() => build(head, untitled)).toThrow('a.md must begin with')
    expect(() => build({ name: 'a.md', text: '# a\n\nb\n' })).toThrow('README.md')
  })
})

describe('links of a file', () => {
  const toPages = linkToPages(openapi, PAGES)

  it.each([
    [
      '[settings](../operating/settings.md#settings)',
      '[settings](/docs/operating/settings#settings)',
    ],
    ['[`a[b]`](backup.md)', '[`a[b]`](/docs/operating/backup)'],
    ['[alerts](../docs/guides/alerts.md)', '[alerts](/docs/guides/alerts)'],
    ['[dashboard](../grafana.json)', '[dashboard](/docs/grafana.json)'],
    ['[curl](../../test/examples/mail-programs/curl.md)', '[curl](/docs/mail-programs/curl)'],
    ['[a](../../schema/problems.ts#not_found)', '[a](/docs/problems#not_found)'],
    ['[a](../routes/grants.ts#importGrant)', '[a](/docs/api/grants#importGrant)'],
    ['[a](../diagnosis/catalogue/mail/limits.ts#b-c)', '[a](/docs/causes/b-c)'],
    ['[a](../diagnosis/catalogue/sign-in)', '[a](/docs/causes#sign_in)'],
    ['[security](../../.github/SECURITY.md#scope)', 'security'],
    ['[below](#here)', '[below](#here)'],
  ])('%s lead to pages of the documentation', (link, expected) => {
    expect(toPages(link, 'api/node/install.md')).toBe(expected)
  })
})

describe('the runbook', () => {
  it('says of each symptom how to see it, what still works, and how to know that it is over', () => {
    const [, runbook = ''] =
      /^## Runbook\n([\s\S]*?)^## /m.exec(readText('api/operating/runbook.md')) ?? []
    const [, ...sections] = runbook.split(/^### /m)
    expect(sections.map((section) => section.split('\n')[0])).toEqual([
      'Start fails',
      'Not ready',
      'No tokens',
      'Console cookie',
      'Disk full',
      'Machine lost',
      'Key lost',
      'Microsoft unreachable',
    ])
    for (const section of sections)
      for (const part of ['How to see it', 'What still works', 'How to know it is over'])
        expect(section).toContain(`\n**${part}:** `)
  })
})

describe('the programs of a guide', () => {
  it.each([
    ['mail-worker', ['worker.mjs', 'worker.py', 'worker.php']],
    ['smtp-or-graph', ['graph-send.sh', 'graph-send.mjs', 'graph-send.py', 'graph-send.php']],
  ])('in %s are the examples that the tests run', (guide, programs) => {
    const text = readText(`api/docs/guides/${guide}.md`)
    for (const program of programs) {
      const code = readText(`test/examples/workers/${program}`)
      expect(text.includes(`\n${code}\`\`\`\n`), program).toBe(true)
    }
  })
})

describe('code', () => {
  it('has marks for comments, strings and keywords', () => {
    expect(highlight("const a = 'x' // <b>", 'js')).toBe(
      "<b>const</b> a = <s>'x'</s> <i>// &lt;b></i>",
    )
    expect(highlight('"""Not if."""\nif a: # "no"', 'python')).toBe(
      '<s>&quot;&quot;&quot;Not if.&quot;&quot;&quot;</s>\n<b>if</b> a: <i># &quot;no&quot;</i>',
    )
    expect(highlight('curl -d \'{\n"a": 1}\' #x', 'sh')).toBe(
      "curl -d <s>'{\n&quot;a&quot;: 1}'</s> <i>#x</i>",
    )
    expect(highlight('set a="<b>"', 'muttrc')).toBe('set a=&quot;&lt;b>&quot;')
  })
})

describe('Markdown', () => {
  it('shows above a block of code into which file it belongs', () => {
    const html = renderMarkdown('```muttrc ~/.mutt rc\nset a="<b>"\n```\n\n```text\nmutt\n```\n')
    expect(html).toContain(
      '<figcaption><code>~/.mutt rc</code></figcaption>\n<pre><code>set a=&quot;&lt;b>&quot;</code></pre>',
    )
    expect(html).toContain('<pre><code>mutt</code></pre>')
  })

  it('groups blocks in different languages that follow each other', () => {
    const block = (language: string) => `\`\`\`${language}\nx\n\`\`\`\n`
    const groups = (text: string) => renderMarkdown(text).split('<div class="samples">').length - 1
    expect(groups(block('sh') + block('python') + block('php'))).toBe(1)
    expect(groups(block('sh') + block('sh'))).toBe(0)
    expect(groups(`${block('sh')}Text.\n\n${block('python')}`)).toBe(0)
    expect(groups(block('sh') + block('js') + block('sh') + block('js'))).toBe(2)
  })

  it.each([
    'Use <b>this</b>.',
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '- <svg onload=alert(1)>',
  ])('shows the HTML of a file as text: %s', (text) => {
    const html = renderMarkdown(`${text}\n`)
    expect(html).not.toMatch(/<(?:b|script|img|svg)\b/)
    expect(html).toMatch(/&lt;(?:b|script|img|svg)\b/)
  })
})
