import { describe, expect, it } from 'vitest'
import { textsFor } from '../../../api/connect/texts.ts'
import { catalogue } from '../../../api/diagnosis/catalogue/catalogue.ts'
import { diagnose } from '../../../api/diagnosis/diagnose.ts'
import { failureText } from '../../../api/pages/sentences.ts'
import { languages } from '../../../api/pages/texts/language.ts'
import type { Language } from '../../../api/pages/texts/texts.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'
import { activeWorld, PUBLIC_URL } from '../harness.ts'
import { authorize, browserOf, CALLBACK, sendForm, startSignIn } from '../sign-in.ts'
import { hostedPages } from './every-page.ts'

const { en, ...translations } = languages
const others = Object.keys(translations) as Exclude<Language, 'en'>[]

/** A value for every parameter of a text: a list of protocols that is written as an address. */
const anyValue = Object.assign(['imap', 'graph_send'], { toString: () => 'a@b.test' })

/** Returns the texts by their path; functions are called. */
function leaves(value: unknown, path = ''): [path: string, text: string][] {
  if (typeof value === 'function') {
    return [[path, String(value(anyValue, anyValue, anyValue))]]
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, each]) => leaves(each, `${path}.${key}`))
  }
  return [[path, String(value)]]
}

/** Texts that are the same word in English and in the other language. */
const SAME = { de: [], fr: [], es: ['.details.error'], ja: [] }

describe.each(others)('the texts in %s', (language) => {
  it('are all translated', () => {
    const english = new Map(leaves(en))
    const same = leaves(languages[language]).filter(([path, text]) => english.get(path) === text)
    expect(same.map(([path]) => path)).toEqual(SAME[language])
  })

  it('end where the English ones do: with a full stop, a colon or nothing', () => {
    const ending = (text: string) => {
      const last = text.replace(/[)）]$/, '').at(-1) ?? ''
      if ('.。'.includes(last)) return 'full stop'
      if ('?？'.includes(last)) return 'question mark'
      return ':：'.includes(last) ? 'colon' : 'nothing'
    }
    const english = new Map(leaves(en))
    const different = leaves(languages[language])
      .filter(([path]) => english.has(path))
      .filter(([path, text]) => ending(text) !== ending(english.get(path) ?? ''))
    expect(different).toEqual([])
  })

  it('name Microsoft Graph to who grants access through it, and sending once', () => {
    const { consent, completed } = languages[language]
    expect(consent.rights.graph_send).toContain('Microsoft Graph')
    expect(completed.granted('a', ['graph_send'])).toContain('(Microsoft Graph)')
    const asks = (protocols: readonly Protocol[]) => consent.asks('Help desk', 'a@b', protocols)
    expect(asks(['smtp', 'graph_send'])).toBe(asks(['smtp']))
  })

  it('translate the same failures, causes and steps as German', () => {
    const keysOf = (of: Language) => {
      const { failures = {}, causes = {}, steps = {} } = languages[of].sentences ?? {}
      return [failures, causes, steps].map((texts) => Object.keys(texts).sort())
    }
    expect(keysOf(language)).toEqual(keysOf('de'))
  })

  it('have causes of the catalogue only, with a step where the reader can act', () => {
    const { causes = {}, steps = {} } = languages[language].sentences ?? {}
    const wrong = Object.keys(causes).filter((slug) => {
      const cause = catalogue.find((each) => each.slug === slug)
      const parties = [cause, ...(cause?.aadsts ?? [])].map((each) => each?.responsible)
      return parties.includes('user') !== Object.hasOwn(steps, slug)
    })
    expect(wrong).toEqual([])
  })
})

/** Returns the pieces of text on a page, without what is marked as English or as a name. */
const piecesOf = (body: string): string[] =>
  body
    .replace(/<(\w+)[^>]* (?:lang="en"|translate="no")[^>]*>.*?<\/\1>/gs, '')
    .split(/<[^>]*>/)
    .map((piece) => piece.trim())
    .filter((piece) => /\p{L}/u.test(piece) && !/^\S+@\S+$/.test(piece))

describe('every hosted page', () => {
  it.each(others)(
    'is in %s, with nothing left in English',
    { timeout: 60_000 },
    async (language) => {
      const world = await activeWorld()
      const english = await hostedPages(world, 'en')
      const translated = await hostedPages(world, `${language}-XX, en;q=0.5`)
      for (const [name, page] of Object.entries(translated)) {
        expect(page.body, name).toContain(`<html lang="${language}">`)
        expect(page.headers.get('content-language'), name).toBe(language)
        expect(page.headers.get('vary'), name).toMatch(/accept-language/i)
        const before = new Set(piecesOf(english[name as keyof typeof english].body))
        const left = piecesOf(page.body).filter((piece) => before.has(piece))
        expect(left, name).toEqual([])
      }
    },
  )

  it('is in English without the header', async () => {
    const world = await activeWorld()
    const { url } = await authorize(world)
    const page = await world.send(new Request(url))
    expect(page.headers.get('content-language')).toBe('en')
    expect(await page.text()).toContain('<html lang="en">')
  })
})

const alice = { username: 'alice@contoso.test', delegate: null }

describe('a failed sign-in in another language', () => {
  const refusals = [
    ['access_denied', 65004],
    ['access_denied', 90094],
    ['interaction_required', 50076],
    ['access_denied', 53003],
    ['invalid_request', 50011],
    ['invalid_grant', 50126],
    ['access_denied', 50105],
    ['invalid_grant', 50057],
    ['invalid_client', 7000222],
    ['invalid_client', 7000215],
    ['unauthorized_client', 700016],
    ['invalid_grant', 54005],
    ['invalid_resource', 500011],
    ['invalid_request', 50194],
    ['access_denied', 50020],
  ] as const

  it.each(others.flatMap((language) => refusals.map((refusal) => [language, ...refusal] as const)))(
    'is explained in %s: %s (AADSTS%i)',
    (language, oauth_error, aadsts) => {
      const facts = { stage: 'callback', kind: 'refused', aadsts, oauth_error } as const
      const [cause] = diagnose({ protocol: 'authorize', error: '', ...{ facts } }).candidates
      const failure = { code: 'sign_in_refused', detail: '', facts } as const
      const text = failureText(languages[language], failure, alice, cause)
      expect(text, cause?.cause).toBeTruthy()
    },
  )

  it('names both accounts if another one signed in', async () => {
    const world = await activeWorld()
    const { back, browser } = await startSignIn(world, 'bob@contoso.test')
    const german = { 'accept-language': 'de' }
    const cookie = await browser.jar.getCookieString(back.href)
    const question = await world.send(new Request(back, { headers: { ...german, cookie } }))
    const [, undecided = ''] = /name="undecided" value="([^"]*)"/.exec(await question.text()) ?? []
    const [, authorization = ''] = /__Host-mg_([^=]*)=/.exec(cookie) ?? []
    const form = new URLSearchParams({ authorization, undecided, decision: 'discard' })
    const discarded = await sendForm(world, CALLBACK, form, { ...german, cookie })
    expect(await discarded.text()).toContain(
      'bob@contoso.test hat sich angemeldet, erwartet wurde alice@contoso.test.',
    )
  })

  it('shows the English sentence, marked as such, where there is no translation', async () => {
    const world = await activeWorld()
    const { back, browser } = await startSignIn(world)
    back.searchParams.delete('code')
    back.searchParams.set('error', 'invalid_grant')
    back.searchParams.set('error_description', 'AADSTS700082: of no cause with a translation')
    const cookie = await browser.jar.getCookieString(back.href)
    const headers = { cookie, 'accept-language': 'fr' }
    const body = await (await world.send(new Request(back, { headers }))).text()
    expect(body).toContain(
      '<p>La connexion n’a pas abouti. La cause, en anglais\u00a0:</p><p lang="en">',
    )
  })
})

describe('French texts', () => {
  it('have no-break spaces inside quotation marks and before ; : ! ?', () => {
    const texts = [...leaves(languages.fr), ...Object.entries(textsFor('fr')[1])]
    expect(texts.filter(([, text]) => / [;:!?»]|« /.test(text))).toEqual([])
  })
})

describe('the lines for support', () => {
  it('name the error, the attempt and the time, and no secret', async () => {
    const world = await activeWorld()
    const { back, browser, id } = await startSignIn(world)
    const correlation = '0f0c2d3e-1111-4222-8333-444455556666'
    back.searchParams.delete('code')
    back.searchParams.set('error', 'access_denied')
    back.searchParams.set('error_description', 'AADSTS65004: User declined to consent.')
    back.searchParams.set('correlation_id', correlation)
    const page = await browser.visit(back)
    const [, lines = ''] = /<textarea[^>]*>(Error: [^<]*)/.exec(page.body) ?? []
    expect(lines.split('\n')).toEqual([
      'Error: AADSTS65004',
      `Correlation ID: ${correlation}`,
      `Sign-in: ${id}`,
      'Time: Nov 24, 2026, 9:00:00 AM UTC',
    ])
    expect(page.body).not.toContain(back.searchParams.get('state'))
  })
})

describe('the product of the operator', () => {
  const brand = { name: 'Acme <b>Desk</b>', logoUrl: 'https://helpdesk.test/logo.svg?a=1&b=2' }

  async function consentPage(settings: object, headers = {}) {
    const world = await activeWorld({ settings })
    const { url } = await authorize(world)
    const response = await world.send(new Request(url, { headers }))
    return { body: await response.text(), csp: response.headers.get('content-security-policy') }
  }

  it('is named with its logo, as text, and Mailgrant in small', async () => {
    const { body, csp } = await consentPage({ brand })
    expect(body).toContain('<img src="https://helpdesk.test/logo.svg?a=1&amp;b=2" alt=""/>')
    expect(body).toContain(
      '<h1>Acme &lt;b&gt;Desk&lt;/b&gt; asks to read and send mail as alice@contoso.test</h1>',
    )
    expect(body).toContain('<footer>by Mailgrant</footer>')
    expect(body).not.toContain('<b>')
    expect(csp).toContain("img-src 'self' https://helpdesk.test;")
  })

  it('asks in the language of the reader', async () => {
    const german = { 'accept-language': 'de' }
    const { body } = await consentPage({ brand: { name: 'Acme', logoUrl: null } }, german)
    expect(body).toContain('<h1>Acme möchte E-Mails als alice@contoso.test lesen und senden</h1>')
    expect(body).toContain('<footer>mit Mailgrant</footer>')
  })

  it('needs no other source of images with a logo of our own origin or with none', async () => {
    for (const logoUrl of [`${PUBLIC_URL}/logo.svg`, null]) {
      const { csp } = await consentPage({ brand: { name: 'Acme', logoUrl } })
      expect(csp).toContain("img-src 'self';")
    }
    const { body, csp } = await consentPage({})
    expect(csp).toContain("img-src 'self';")
    expect(body).not.toContain('<footer>')
  })

  it('is named on the page of a result too', async () => {
    const world = await activeWorld({ settings: { brand } })
    const { back, browser } = await startSignIn(world)
    const page = await browser.visit(back)
    expect(page.body).toContain('Acme &lt;b&gt;Desk&lt;/b&gt;</header>')
    expect((await browserOf(world).visit(back)).body).toContain('<footer>by Mailgrant</footer>')
  })
})
