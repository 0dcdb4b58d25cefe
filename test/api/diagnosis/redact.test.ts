import { describe, expect, it } from 'vitest'
import { redact } from '../../../api/diagnosis/redact.ts'
import { publicReports } from './rows.ts'

const bytes = (text: string) => [...Buffer.from(text)]
const hexOf = (byte: number) => byte.toString(16).padStart(2, '0')

/** Values that must not leave, each with a canary in every part. */
const CANARIES = {
  address: 'canary.person@contoso-canary.example',
  host: 'mail.contoso-canary.example',
  'IPv4 address': '203.0.113.177',
  'IPv6 address': '2001:db8:ca9a:12::2501',
  GUID: 'ca9a12e4-5b6c-4d7e-8f90-a1b2c3d4e5f6',
  JWT: `${['{"typ":"JWT","alg":"RS256"}', '{"upn":"canary.person@contoso-canary.example","scp":"IMAP.AccessAsUser.All"}', 'the signature of a canary, in bytes'].map((part) => Buffer.from(part).toString('base64url')).join('.')}`,
  'refresh token': `0.AXoAca9aRy-t0kEn_${'Zm9vYmFyQmF6UXV4MTIzNDU2Nzg5MA'.repeat(3)}.AgABAwEAAADnfolhJpSnRYB1SVj-Hgd8AgDs_wUA9P9`,
  'refresh token of a personal account':
    'M.C507_BAY.0.U.-CkVz!aRy*jQ7rTq!mX2Wd*LpN4s9ZfVbH8gKc3YtEu6iOaP5$$',
  'client secret': 'Ca9a8Q~ryS3cr3tV4lu3.XyzW_12-AbCdEfGhIjKl',
  'API key': 'mg_key_ca9aryca9aryca9ary_qJ8vT2mWx5Zr7Lk3Hn6Bp9Yd4Fs1GcUe',
  'encryption key': `k1:${Buffer.from('a canary of thirty-two bytes....').toString('base64')}`,
  'private key': `-----BEGIN PRIVATE KEY-----\n${`${Buffer.from('canary '.repeat(60)).toString('base64')}`.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----`,
}

const ENCODINGS: Record<string, (value: string) => string> = {
  'as it is': (value) => value,
  base64: (value) => Buffer.from(value).toString('base64'),
  'base64 of a longer text': (value) =>
    Buffer.from(`user=${value}\u0001auth=Bearer x`).toString('base64'),
  base64url: (value) => Buffer.from(value).toString('base64url'),
  'percent encoding': (value) => encodeURIComponent(value),
  'percent encoding of every byte': (value) =>
    bytes(value)
      .map((byte) => `%${hexOf(byte)}`)
      .join(''),
  'percent encoding, twice': (value) => encodeURIComponent(encodeURIComponent(value)),
  hex: (value) => Buffer.from(value).toString('hex'),
  'hex in capitals': (value) => Buffer.from(value).toString('hex').toUpperCase(),
  'quoted-printable': (value) =>
    value.replace(/[^a-z0-9]/gi, (one) => `=${hexOf(one.charCodeAt(0)).toUpperCase()}`),
  'quoted-printable of every byte': (value) =>
    bytes(value)
      .map((byte) => `=${hexOf(byte).toUpperCase()}`)
      .join(''),
  'quoted-printable with soft breaks': (value) => value.replace(/.{20}/g, '$&=\r\n'),
  'a JSON string': (value) => JSON.stringify(value),
  'escapes of JSON': (value) =>
    bytes(value)
      .map((byte) => `\\u00${hexOf(byte)}`)
      .join(''),
  'escapes of JSON, twice': (value) =>
    bytes(value)
      .map((byte) => `\\\\u00${hexOf(byte)}`)
      .join(''),
  'entities of HTML': (value) =>
    bytes(value)
      .map((byte) => `&#${byte};`)
      .join(''),
  'lines of 76': (value) => value.replace(/.{76}/g, '$&\r\n'),
  'lines of 40, quoted': (value) => value.replace(/.{40}/g, '$&\n> '),
  'a header that is folded': (value) => value.replace(/.{60}/g, '$&\r\n\t'),
  'full-width characters': (value) =>
    value.replace(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)),
  'invisible characters': (value) => value.replace(/.{5}/g, '$&\u200b'),
}

/** Text around a value, as logs have it. */
const PLACES: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => `Login of ${value} failed: NO AUTHENTICATE failed.\nPlease try again`,
  (value) => `{"access":"${value}","error":"invalid_grant"}`,
  (value) => `https://helpdesk.example/cb?code=${value}&state=1 responded with 500`,
  (value) => `C: A1 AUTHENTICATE XOAUTH2\nC: ${value}\nS: A1 NO AUTHENTICATE failed.`,
]

/** Returns runs of eight characters of a value that a text contains, apart from the line breaks of both. */
function runsOf(value: string, text: string): string[] {
  const compact = (from: string) => from.replace(/[\s>]+/g, '')
  const [whole, within] = [compact(value), compact(text)]
  const runs = Array.from({ length: Math.max(1, whole.length - 7) }, (_, at) =>
    whole.slice(at, at + 8),
  )
  return runs.filter((run) => within.includes(run))
}

describe.each(Object.entries(CANARIES))('a %s', (_, value) => {
  it.each(Object.entries(ENCODINGS))('is masked in %s', (_, encode) => {
    for (const place of PLACES) {
      const encoded = encode(value)
      const masked = redact(place(encoded))
      // The words of a PEM block's first and last line are no secret.
      const found = [...runsOf(value, masked), ...runsOf(encoded, masked)].filter(
        (run) => !/BEGIN|KEY--/.test(run),
      )
      expect({ text: place(encoded), masked, found }).toMatchObject({ found: [] })
    }
  })
})

describe('a secret that only its label gives away', () => {
  it.each([
    'password=hunter',
    '"password": "hunter"',
    'smtp_password = "hunter"',
    'MAIL_PASSWORD: hunter',
    'a1 LOGIN jane hunter',
    'TAG1 LOGIN "jane" "hunter"',
    'https://jane:hunter@proxy:3128',
    "auth: { user: 'jane', pass: 'hunter' }",
    "'password' => 'hunter',",
    '<password>hunter</password>',
    'user jane, password: hunter, host x',
    'App password: correct hunter battery',
    'grant_type=password&password=a%26hunter&scope=x',
    'password=a,hunter',
    'imaps://jane:a%2Fhunter@mail.example/INBOX',
    'curl --user "jane:hunter" imaps://outlook.office365.com',
    'imapsync --host1 outlook.office365.com --password1 hunter --ssl1',
    'client.login("jane", "hunter")',
    'a login jane hunter',
    '. LOGIN jane hunter -> NO',
    'USER jane\nPASS a hunter',
    '334 UGFzc3dvcmQ6\nC: hunter',
  ])('is masked in %s', (text) => {
    expect(redact(`before\n${text}\nafter`)).not.toContain('hunter')
  })
})

describe('an address or a name in another form', () => {
  it.each([
    ['::ffff:203.0.113.177', '113'],
    ['IP 203.0.113.177.52344 > 52.97.1.2.993: Flags [S]', '113'],
    ['mail.contoso.com.py', 'contoso'],
    ['mail.contoso.live.us', 'contoso'],
    ['CONTOSO\\jane.doe', 'jane'],
    ['contoso\\jane@contoso.example', 'contoso'],
    ['C:\\Users\\jane.doe\\mail.log', 'jane'],
    ['/home/jane.doe/mail.log', 'jane'],
    ['<Buffer 6a 61 6e 65 2e 64 6f 65 40 63>', '6e 65'],
    ['0010: 6a 61 6e 65 2e 64 6f 65  jane.doe', 'jane'],
    ['0x0010:  6a61 6e65 2e64 6f65 4063 6f6e  jane.doe@con', 'jane'],
  ])('is masked: %s', (text, part) => {
    expect(redact(text)).not.toContain(part)
  })
})

describe('what a diagnosis needs', () => {
  it.each([
    '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
    'AADSTS7000215: Invalid client secret provided. 2024-11-26T09:00:00.1234567Z',
    'NO [AUTHENTICATIONFAILED] AUTHENTICATE failed. [AM6PR0202CA0045.eurprd02.prod.outlook.com]',
    'connect ECONNREFUSED 127.0.0.1:1993',
    'outlook.office365.com:993/imap/ssl, smtp-mail.outlook.com:587, login.microsoftonline.com',
    'https://outlook.office.com/IMAP.AccessAsUser.All SMTP.Send offline_access',
    'javax.mail.AuthenticationFailedException at smtp.py line 12, error:1408F10B:SSL routines',
    '* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR UIDPLUS LITERAL+ CHILDREN SMTPUTF8',
    'Wrong password: 535 5.7.3 Authentication unsuccessful',
    'PHPMailer\\PHPMailer\\SMTP and Webklex\\PHPIMAP\\Client at 2024-11-26 09:00:01',
    'Die Anmeldung ist fehlgeschlagen. 認証に失敗しました。 Не удалось войти.',
  ])('stays: %s', (text) => {
    expect(redact(text)).toBe(text)
  })

  it('stays in real reports: fewer than 4 % of their words are masked', () => {
    const words = publicReports.flatMap(({ error }) => error.match(/\S+/g) ?? [])
    const masked = words.filter((word) => /\[(?:email|host|ip|guid|secret)\]/.test(redact(word)))
    expect(masked.length / words.length).toBeLessThan(0.04)
  })
})

it.each([
  'a',
  '.',
  '@',
  '\\',
  '%25',
  '=\n',
  '\n',
  '1.',
  'a.',
  ':',
  '/',
  '-----BEGIN A-----',
  'pass',
  'pass=',
  'a LOGIN "',
  'login(',
  '://',
  'aa ',
  '&#x',
])('takes little time for 64 KiB of %j', (piece) => {
  const started = performance.now()
  redact(piece.repeat(Math.ceil((64 * 1024) / piece.length)))
  // Linear work takes a few milliseconds, quadratic work minutes.
  expect(performance.now() - started).toBeLessThan(2000)
})
