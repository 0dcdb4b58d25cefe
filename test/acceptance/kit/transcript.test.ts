import { expect, it } from 'vitest'
import { differences } from './replay.ts'
import { mailLine, sentence } from './sentences.ts'
import { type Entry, httpEntry, ownValuesIn, shapeOf, tokenShape } from './transcript.ts'

const CANARIES = ['contoso', 'alice', 'Q~canary-secret-value', 'eyJhbGciOi.canary.sig', '10.0.0.7']
const ORIGINS = {
  login: 'https://login.test',
  graph: 'https://graph.test',
  product: 'http://a.test',
}

/** A response with a canary in every place that Microsoft, or something before it, can put one. */
const poisoned = (canary: string) => ({
  step: 'test',
  url: new URL(`https://login.test/${canary}/oauth2/v2.0/token?${canary}=${canary}`),
  method: 'POST',
  form: new URLSearchParams({
    grant_type: canary,
    scope: `https://${canary}/IMAP.AccessAsUser.All ${canary}`,
    client_secret: canary,
    client_assertion: canary,
    [`${canary}@`]: canary,
  }),
  status: 400,
  headers: new Headers({
    'content-type': `text/${canary};{}`,
    'retry-after': `<${canary}>`,
    'x-server': canary,
  }),
  text: canary,
  json: {
    error: `${canary}!`,
    suberror: canary,
    error_codes: [canary],
    error_description: `AADSTS50034: The tenant ${canary} is odd. Trace ID: ${canary}`,
    access_token: canary,
    refresh_token: canary,
    token_type: canary,
    scope: canary,
    expires_in: canary,
    list: [{ name: canary }, canary],
    [`${canary}@a`]: canary,
    error_uri: canary,
  },
  milliseconds: 1,
  at: 0,
})

it.each(CANARIES)('shows no value that it does not know: %s', (canary) => {
  // A word such as `contoso` could be one of Microsoft's, so only known members show words.
  const entry = httpEntry(poisoned(canary), ORIGINS, new Set())
  const words = JSON.stringify(entry).replaceAll(/"(?:grant_type|suberror)":"[a-z_]+"/g, '')
  expect(words).not.toContain(canary)
})

it.each([
  '* BYE contoso is closed',
  'a1 NO [ALERT] alice, your mailbox moved',
  '250-contoso',
  '* CAPABILITY IMAP4 contoso',
])('shows no unknown line of a mail server: %s', (line) => {
  expect(mailLine(line)).not.toMatch(/contoso|alice/)
})

it('shows a known sentence as its template', () => {
  const text =
    "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app 'f0cacc1a'. Trace ID: 1 Correlation ID: 2"
  expect(sentence(text)).toMatch(/^AADSTS7000215: Invalid client secret.*'\{client\}'\.$/)
  expect(mailLine('535 5.7.3 Authentication unsuccessful [AM0PR01.prod.outlook.com 2026]')).toBe(
    '535 5.7.3 Authentication unsuccessful [{server}]',
  )
})

it('shows an unknown sentence only after the person has read it', () => {
  expect(sentence('Hello Contoso')).toBe('[unknown sentence, 13 characters]')
  expect(sentence('Hello Contoso', new Set(['Hello Contoso']))).toBe('Hello Contoso')
})

it('describes a token by the names in it', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  expect(tokenShape(`${part({ alg: 'RS256' })}.${part({ tid: 'contoso' })}.x`)).toBe(
    'JWT (alg; tid)',
  )
  expect(tokenShape('EwBcontoso')).toBe('opaque token')
  expect(shapeOf({ access_token: 'EwBcontoso' })).toEqual({ access_token: 'opaque token' })
})

it("finds the tenant's own values, encoded ones as well", () => {
  const values = { domain: 'contoso.com', address: 'alice@contoso.com' }
  expect(ownValuesIn('at Contoso.COM', values)).toEqual(['domain'])
  expect(ownValuesIn(Buffer.from('alice@contoso.com').toString('base64'), values)).toEqual([
    'domain',
    'address',
  ])
  expect(ownValuesIn('alice%40contoso.com', values)).toEqual(['domain', 'address'])
  expect(ownValuesIn('nothing', values)).toEqual([])
})

it('says which statements a difference from a real transcript concerns', () => {
  const entry = (status: number, number: number): Entry => ({
    step: 'code-once',
    kind: 'http',
    method: 'POST',
    url: '{login}/{...}/oauth2/v2.0/token',
    request: { grant_type: 'authorization_code' },
    status,
    headers: {},
    body: { error: 'invalid_grant', error_codes: [number] },
    size: 0,
    milliseconds: 0,
  })
  const sandbox = [entry(400, 54005)]
  expect(differences([entry(400, 54005)], sandbox)).toEqual([])
  expect(differences([entry(400, 70000)], sandbox)).toMatchObject([
    {
      step: 'code-once',
      assumptions: ['code-once'],
      what: 'body.error_codes[0] is 70000, not 54005',
    },
  ])
  expect(differences([entry(401, 54005)], sandbox)).toMatchObject([
    { what: 'the status is 401, not 400' },
  ])
})
