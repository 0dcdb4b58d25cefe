import { describe, expect, it } from 'vitest'
import { adminMessage, codesIn, readerOf } from '../../../../api/console/ui/admin-message.ts'
import { diagnose, listCauses } from '../../../../api/diagnosis/diagnose.ts'
import { type Responsible, whoActs } from '../../../../schema/responsible.ts'

/** Names and addresses that try to break out of a sentence or a command. */
const HOSTILE = [
  "o'brien@contoso.test",
  "o''brien@contoso.test",
  "'; Remove-Mailbox -Identity ceo@contoso.test; '@contoso.test",
  "' -ImapEnabled $false #@contoso.test",
  '"; whoami; "@contoso.test',
  '`whoami`@contoso.test',
  '$(whoami)@contoso.test',
  ['$', '{env:PATH}@contoso.test'].join(''),
  '$env:USERPROFILE@contoso.test',
  '@(Get-Mailbox)@contoso.test',
  '$((Get-Mailbox).Count)@contoso.test',
  'a;b@contoso.test',
  'a&b@contoso.test',
  'a&&whoami@contoso.test',
  'a|whoami@contoso.test',
  'a||whoami@contoso.test',
  'a>out.txt@contoso.test',
  'a<in.txt@contoso.test',
  'a*?[b]@contoso.test',
  '~root@contoso.test',
  '!history@contoso.test',
  '%PATH%@contoso.test',
  '^&whoami@contoso.test',
  'a\\@contoso.test',
  "a\\'; whoami; '@contoso.test",
  '-Identity@contoso.test',
  '--%@contoso.test',
  '{0}@contoso.test',
  '{mailbox}@contoso.test',
  '[[x]]@contoso.test',
  '\u2019; whoami; \u2018@contoso.test',
  '\u201a; whoami; \u201b@contoso.test',
  '\u201c$(whoami)\u201d@contoso.test',
  'a\nRemove-Mailbox ceo@contoso.test',
  'a\r\nRemove-Mailbox ceo@contoso.test',
  'a\u2028Remove-Mailbox ceo@contoso.test',
  'a\u0000b@contoso.test',
  '\u001b[2Ja@contoso.test',
  '\u202emoc.osotnoc@a',
  'a\u2066b\u2069@contoso.test',
  'a\u200b@contoso.test',
  '<script>alert(1)</script>@contoso.test',
]

const VALUE = 'value@contoso.test'
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

const SENDER = {
  site: 'https://mail.test',
  app: { clientId: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11', tenant: 'contoso.test' },
  asker: 'Help desk',
  mayConsent: true,
}

const messageFor = (cause: Parameters<typeof adminMessage>[0], mailbox: string) =>
  adminMessage(cause, { mailbox }, SENDER)

/** Returns the causes that an administrator fixes with a command, for this mailbox. */
function causesFor(mailbox: string) {
  const evidence = { username: mailbox, shared_mailbox: true }
  const found = [
    '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.',
    '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
    'BAD User is authenticated but not connected.',
    '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
  ].flatMap((error) => diagnose({ error, evidence }, { mailbox }).candidates)
  return new Map(found.map((cause) => [cause.cause, cause]))
}

const isCommand = (line: string) => /^ {3}[A-Z][A-Za-z]+-/.test(line)

/** A literal of PowerShell, to which typographic quotes are quotes too. */
const LITERAL = /'(?:[^'\u2018\u2019\u201a\u201b]|(['\u2018\u2019\u201a\u201b])\1)*'/g

/** Returns for each line of a command the part outside its literals, and nothing for other lines. */
const outside = (message: string) =>
  message
    .split('\n')
    .map((line) => (isCommand(line) ? line.replaceAll(LITERAL, "''") : line.slice(0, 3)))

describe('the message to an administrator', () => {
  it.each(HOSTILE.map((name) => [name]))('holds %j in its place', (name) => {
    let commands = 0
    for (const [slug, cause] of causesFor(name)) {
      const usual = messageFor(causesFor(VALUE).get(slug) ?? cause, VALUE)
      const message = messageFor(cause, name)
      expect(message.replaceAll('\n', '')).not.toMatch(UNSEEN)
      const expected = outside(usual)
      // Outside literals, the text is the same as for an ordinary name, so nothing breaks out of a command.
      for (const [index, line] of outside(message).entries()) {
        if (line === '   ' && isCommand(expected[index] ?? '')) expect(name).toMatch(UNSEEN)
        else expect(line).toBe(expected[index])
      }
      expect(outside(message)).toHaveLength(expected.length)
      commands += expected.filter(isCommand).length
    }
    expect(commands).toBeGreaterThan(3)
  })

  it('says who asks and why, the steps with their commands, and how to check and undo them', () => {
    const cause = causesFor(VALUE).get('smtp-auth-disabled-mailbox')
    const about = { mailbox: VALUE, failedAt: '2026-11-29T14:03:00.000Z', codes: '535 5.7.139' }
    expect(cause && adminMessage(cause, about, SENDER).split('\n')).toEqual([
      'Hello,',
      '',
      expect.stringMatching(
        /^We run Mailgrant, at https:\/\/mail\.test\. It gives our programs .* can't use the mailbox value@contoso\.test\.$/,
      ),
      expect.stringMatching(
        /^As the Microsoft 365 admin, you can .* reply to Help desk if .* never with a password or a/,
      ),
      '',
      'Cause: SMTP AUTH is disabled for this mailbox (2026-11-29 14:03 UTC, 535 5.7.139).',
      expect.stringMatching(/^Why: Programs aren.t allowed to log in over SMTP as/),
      `The app ("your app" below): Mailgrant, unless it was renamed, Application (client) ID ${SENDER.app.clientId}, tenant contoso.test`,
      '',
      expect.stringMatching(/^Choose one of these, with commands for .* Connect-ExchangeOnline:$/),
      '',
      expect.stringMatching(
        /^A\. Microsoft 365 admin center > Users .* role Exchange Administrator/,
      ),
      '   https://admin.microsoft.com/#/users',
      `   Set-CASMailbox -Identity '${VALUE}' -SmtpClientAuthenticationDisabled $false`,
      expect.stringMatching(
        /^Check it first, and again afterwards\. It worked when this shows False/,
      ),
      expect.stringMatching(/^ {3}Get-CASMailbox/),
      expect.stringMatching(/^To undo it, untick/),
      `   Set-CASMailbox -Identity '${VALUE}' -SmtpClientAuthenticationDisabled $true`,
      // The step that says to ask the administrator is left out, since the administrator gets this message.
      '',
      expect.stringMatching(/^B\. Leave SMTP AUTH off/),
      '',
      expect.stringMatching(/^C\. New personal mailboxes/),
      '',
      "When you're done, please reply, so that we can validate it.",
      expect.stringMatching(/^More about it: .*\/smtp-auth-disabled-mailbox$/),
    ])
    const pasted = cause && adminMessage(cause, { isPasted: true, isPossible: true }, SENDER)
    expect(pasted).toContain("A program can't use a mailbox.")
    expect(pasted).toContain('Possible cause: SMTP AUTH is disabled')
    expect(pasted).not.toContain('The app (')
    expect(pasted).not.toContain('validate')
  })

  it('takes codes from a response, and none of its words', () => {
    const reply = '535 5.7.139 Ask mallory@evil.test, 5.7.3; AADSTS53003: https://evil.test/9.9.9'
    expect(codesIn(`${reply} AADSTS53003`)).toBe('535 5.7.139, AADSTS53003')
    expect(codesIn('It does not work')).toBe('')
  })

  it('says who takes the steps of others', () => {
    const [cause] = diagnose({
      protocol: 'authorize',
      error: 'AADSTS90094: The grant requires admin permission.',
    }).candidates
    expect(cause && messageFor(cause, VALUE)).toContain(
      '\n- The person who signs in: Afterwards, sign in again.\n',
    )
    const texts = { title: '', explanation: '', responsible: 'tenant_admin' as const }
    const fixes = [{ text: 'Go on.', responsible: 'operator' as const }]
    expect(messageFor({ ...texts, fixes }, VALUE)).toContain(
      '- The Mailgrant administrator: Go on.',
    )
  })

  it('has no line break or invisible character in any text of the catalogue', () => {
    for (const cause of listCauses({ causePages: 'https://mail.test/docs/causes' })) {
      const { fixes } = cause
      expect(fixes.filter(({ command = '' }) => UNSEEN.test(command))).toEqual([])
    }
  })

  it('has the consent link only for those who may make one', () => {
    const link = 'https://login.test/contoso.test/v2.0/adminconsent?client_id=1'
    const [cause] = diagnose(
      { protocol: 'authorize', error: 'AADSTS90094: The grant requires admin permission.' },
      { adminConsentUrl: link, causePages: 'https://mail.test/docs/causes' },
    ).candidates
    const message = (mayConsent: boolean) =>
      cause ? adminMessage(cause, { mailbox: VALUE }, { ...SENDER, mayConsent }) : ''
    expect(message(true)).toContain(link)
    expect(message(false)).not.toContain('adminconsent')
    expect(message(false)).toContain('with the link (ask our Mailgrant administrator for it)')
    for (const text of [message(true), message(false)])
      expect(text).toMatch(
        /What you're asked to approve: https:\/\/mail\.test\/docs\/guides\/approval$/,
      )
  })

  it('is for those who act at another desk, even if it is a step of several', () => {
    const reader = (responsible: Responsible, step?: Responsible) =>
      readerOf({ responsible, fixes: [{ text: '', ...(step && { responsible: step }) }] })
    const parties = Object.keys(whoActs) as Responsible[]
    expect(parties.filter((party) => reader(party))).toEqual([
      'tenant_admin',
      'app_owner',
      'operator',
    ])
    expect(reader('user', 'tenant_admin')).toBe('tenant_admin')
  })
})
