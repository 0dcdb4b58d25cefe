import { describe, expect, it } from 'vitest'
import { catalogue } from '../../../api/diagnosis/catalogue/catalogue.ts'
import * as tls from '../../../api/diagnosis/catalogue/network/tls.ts'
import pages from '../../../api/diagnosis/catalogue/pages.txt?raw'
import { diagnose, listCauses, type ObservedFacts } from '../../../api/diagnosis/diagnose.ts'
import { createRenderer } from '../../../api/diagnosis/render-template.ts'
import { parsePageTexts } from '../../../api/docs/causes.tsx'
import { CauseEntry, type Evidence, type Stage } from '../../../schema/diagnosis.ts'
import { diagnoseRows } from '../../diagnosis/scoring.ts'
import { microsoftCodes, programWordings, publicReports } from './rows.ts'

/** Failures that Mailgrant reports by their kind, without any text. */
const byKind: [
  cause: string,
  stage: Stage,
  kind: NonNullable<ObservedFacts['kind']>,
  evidence?: Evidence,
][] = [
  ['checker-unavailable', 'connect', 'checker_unavailable'],
  ['mail-host-not-allowed', 'connect', 'host_not_allowed'],
  ['mail-host-not-allowed', 'connect', 'private_address'],
  ['dns-failure', 'dns', 'dns'],
  ['network-blocked', 'connect', 'connect'],
  ['network-blocked', 'connect', 'timeout'],
  ['tls-verification-failed', 'tls', 'tls'],
  ['tls-mode-mismatch', 'tls', 'starttls_refused'],
  ['throttled', 'auth', 'throttled'],
  ['server-transient', 'auth', 'unavailable'],
  ['auth-line-too-long', 'auth', 'line_too_long'],
  ['account-mismatch', 'callback', 'account_mismatch'],
  ['refresh-token-missing', 'callback', 'no_refresh_token'],
  ['user-consent-missing', 'callback', 'no_mail_scope'],
  ['identity-not-proven', 'callback', 'identity_not_proven'],
  ['clock-wrong', 'callback', 'clock_wrong'],
  ['refresh-token-damaged', 'refresh', 'token_damaged'],
  ['password-refused', 'auth', 'rejected', { host: 'mail.example.org', mechanism: 'login' }],
]

/** Causes without texts, which Mailgrant itself observes. */
const SILENT = [
  'checker-unavailable',
  'login-host-not-trusted',
  'login-host-replaced',
  'login-host-unreachable',
  'login-proxy-failed',
  'password-refused',
  'refresh-token-damaged',
  'refusal-unconfirmed',
]

/** Returns the letters of a text, so wordings that differ in numbers and punctuation are alike. */
const lettersOf = (text: string) => text.toLowerCase().replace(/[^\p{L}]+/gu, ' ')

describe('the catalogue', () => {
  it('gives each cause a unique name', () => {
    const slugs = catalogue.map(({ slug }) => slug)
    expect(new Set(slugs).size).toBe(slugs.length)
    expect(slugs.filter((slug) => !/^[a-z0-9]+(?:-[a-z0-9]+)+$|^throttled$/.test(slug))).toEqual([])
  })

  it('assigns each AADSTS number to one cause only', () => {
    const numbers = catalogue.flatMap(({ aadsts = [] }) => aadsts.flatMap((group) => group.numbers))
    expect(numbers.filter((number, at) => numbers.indexOf(number) !== at)).toEqual([])
  })

  it.each(catalogue)('has a fix and a source for $slug', ({ fixes, docs, title, explanation }) => {
    expect(fixes.length).toBeGreaterThan(0)
    expect(docs.length).toBeGreaterThan(0)
    expect(docs.filter((url) => !(URL.canParse(url) && url.startsWith('https://')))).toEqual([])
    expect(title.length * explanation.length).toBeGreaterThan(0)
  })

  it.each(catalogue)('uses only placeholders that have a text in $slug', (cause) => {
    const { text } = createRenderer({}, 'imap')
    const { title, explanation, advice, ask, fixes } = cause
    const templates = JSON.stringify([title, explanation, advice, ask, fixes])
    const names = [...templates.matchAll(/\{\w+\}/g)].map(([name]) => name)
    expect(names.filter((name) => /^(?:\{\w+\})?$/.test(text(name)))).toEqual([])
  })

  it('lists all causes in the documented format, without unfilled templates', () => {
    const listed = listCauses()
    expect(listed).toHaveLength(catalogue.length)
    for (const entry of listed) {
      expect(CauseEntry.parse(entry)).toEqual(entry)
      const { title, explanation, fixes, ask } = entry
      expect(fixes.filter(({ text, command }) => text === '' || command === '')).toEqual([])
      const texts = [title, explanation, ...ask, ...fixes.map((fix) => JSON.stringify(fix))]
      expect(texts.filter((text) => /\{\w+\}|\[\[|\]\]|undefined/.test(text))).toEqual([])
    }
  })
})

const words = parsePageTexts(pages)
const pageSamples = [...words].flatMap(([cause, { samples }]) =>
  samples.map((error) => ({ cause, error })),
)

describe('a cause', () => {
  it('shows texts by which people find its page, unless no text names it', () => {
    const slugs = catalogue.map(({ slug }) => slug)
    const without = slugs.filter((slug) => !words.get(slug)?.samples.length)
    expect(without.toSorted()).toEqual([...SILENT, 'unknown-aadsts-number'])
    expect(slugs).toEqual(expect.arrayContaining([...words.keys()]))
  })

  it.each(
    pageSamples.filter(
      ({ error }) => pageSamples.filter((each) => each.error === error).length === 1,
    ),
  )(
    '$cause is among the candidates for a text that only its page shows: $error',
    ({ cause, error }) => {
      expect(diagnose({ error }).candidates.map((candidate) => candidate.cause)).toContain(cause)
    },
  )

  it.each(programWordings)('$cause comes first for $protocol $error', (row) => {
    const { cause, responsible, fix = '', ...report } = row
    const { verdict, candidates } = diagnose(report)
    expect(candidates[0]).toMatchObject({ cause, ...(responsible && { responsible }) })
    expect(candidates[0]?.fixes.map(({ text }) => text).join(' ')).toContain(fix)
    // A pasted text must be enough.
    if (report.protocol === undefined) expect(verdict).not.toBe('unknown')
  })

  it('comes first for at least three unlike wordings', () => {
    const found = new Map<string, Set<string>>()
    const labelled = [
      ...diagnoseRows([...publicReports, ...microsoftCodes]),
      ...programWordings.map((row) => ({ row, causes: [row.cause] })),
    ]
    for (const { row } of labelled.filter(({ row, causes }) => causes[0] === row.cause)) {
      const letters = found.get(row.cause) ?? new Set()
      found.set(row.cause, letters.add(lettersOf(row.error)))
    }
    const rare = catalogue
      .map(({ slug }) => slug)
      .filter((slug) => (found.get(slug)?.size ?? 0) < 3)
    expect(rare.toSorted()).toEqual(SILENT)
  })

  it.each(byKind)(
    '%s comes first for a failure at %s of the kind %s',
    (cause, stage, kind, evidence = {}) => {
      const protocol = stage === 'callback' ? 'authorize' : 'imap'
      const { candidates } = diagnose({ protocol, stage, error: '', evidence, facts: { kind } })
      expect(candidates[0]?.cause).toBe(cause)
    },
  )

  it('is always the result of at least one of these reports', () => {
    const signInNotFinished = diagnose({
      protocol: 'authorize',
      stage: 'authorize',
      error: '',
      facts: { kind: 'no_return' },
    })
    const unconfirmed = diagnose({
      protocol: 'token',
      stage: 'refresh',
      error: '',
      facts: { kind: 'refused', oauth_error: 'invalid_grant', aadsts: 70000, unconfirmed: true },
    })
    const network = ['ECONNREFUSED', 'CERT_HAS_EXPIRED', 'PROXY_REFUSED'].map((node_code) => {
      const facts = { kind: 'unreachable', node_code } as const
      return diagnose({ protocol: 'token', stage: 'refresh', error: '', facts })
    })
    const facts = { kind: 'malformed' } as const
    const replaced = diagnose({ protocol: 'token', stage: 'refresh', error: '', facts })
    const reached = new Set([
      ...[...network, replaced].map(({ candidates }) => candidates[0]?.cause),
      ...programWordings.map(({ cause }) => cause),
      ...byKind.map(([cause]) => cause),
      ...signInNotFinished.candidates.map(({ cause }) => cause),
      ...unconfirmed.candidates.slice(0, 1).map(({ cause }) => cause),
    ])
    expect(catalogue.map(({ slug }) => slug).filter((slug) => !reached.has(slug))).toEqual([])
  })
})

it('lists the causes of a file by the names of its exports, on every runtime', () => {
  const byName = Object.entries(tls).sort(([a], [b]) => (a < b ? -1 : 1))
  const slugs = byName.map(([, { slug }]) => slug)
  expect(catalogue.flatMap(({ slug }) => (slugs.includes(slug) ? slug : []))).toEqual(slugs)
})

it('marks every fix that gives a right, or that switches a protection off or makes an exception to it', () => {
  const opens =
    /-(?:SmtpClientAuthenticationDisabled \$false|ImapEnabled \$true)|AllowBasicAuth|BlockedSender|\b(?:exempts?|excluded?|unblock|untick|tick|turn off WHM|set up a connector|named location|public client flows|multiple organisations|every mailbox)\b|EXTRA_OAUTH|disable_functions|X509_STRICT|-AccessRights|Full Access|Send As\b|(?:admin consent\b|admin(?:istrator)? (?:approves|consents to|of the organisation approves|of \{tenant\} consent|consents once for))(?! page)|\bconsent granted\b|RoleAssignment|role assignment covers|delivery management|Assignment required|Users and groups/i
  const unmarked = catalogue.flatMap(({ slug, fixes }) =>
    fixes.flatMap((fix) => {
      const { text, command = '', weakens, purpose } = typeof fix === 'string' ? { text: fix } : fix
      return opens.test(`${text} ${command}`) && !weakens && !purpose ? `${slug}: ${text}` : []
    }),
  )
  expect(unmarked).toEqual([])
})
