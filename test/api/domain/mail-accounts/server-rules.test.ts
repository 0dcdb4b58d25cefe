import { describe, expect, it } from 'vitest'
import { fillServer, serverRefusal } from '../../../../api/domain/mail-accounts/server-rules.ts'
import { toProblem } from '../../../../api/routes/to-problem.ts'
import { defaultMailServer, type MailProtocol } from '../../../../schema/mail-servers.ts'

const guarded = { allowPrivateHosts: false, extraMailServers: [] }
const open = { ...guarded, allowPrivateHosts: true }
const microsoft = (protocol: MailProtocol) => defaultMailServer('global', protocol, 'work')
const pointerOf = (result: ReturnType<typeof serverRefusal>) =>
  result && toProblem(result.error).errors?.[0]?.pointer

describe('fillServer', () => {
  it("uses Microsoft's server when no host is given", () => {
    expect(fillServer({ protocol: 'imap' }, microsoft('imap'))).toEqual({
      host: 'outlook.office365.com',
      port: 993,
      security: 'tls',
    })
  })

  it.each([
    ['imap', undefined, undefined, 993, 'tls'],
    ['imap', 143, undefined, 143, 'starttls'],
    ['imap', undefined, 'starttls', 143, 'starttls'],
    ['smtp', undefined, undefined, 587, 'starttls'],
    ['smtp', 465, undefined, 465, 'tls'],
    ['smtp', 25, undefined, 25, 'starttls'],
    ['smtp', undefined, 'tls', 465, 'tls'],
    ['smtp', 587, 'tls', 587, 'tls'],
    ['smtp', 9587, undefined, 9587, 'starttls'],
  ] as const)('%s with port %s and security %s becomes %s %s', (...row) => {
    const [protocol, port, security, filledPort, filledSecurity] = row
    const wanted = { protocol, host: 'mail.example.org', port, security }
    expect(fillServer(wanted, microsoft(protocol))).toEqual({
      host: 'mail.example.org',
      port: filledPort,
      security: filledSecurity,
    })
  })

  it('normalises a host name to lower case without a trailing dot', () => {
    const wanted = { protocol: 'imap' as const, host: 'Outlook.Office365.COM.' }
    expect(fillServer(wanted, microsoft('imap')).host).toBe('outlook.office365.com')
  })
})

describe('serverRefusal', () => {
  const server = (host: string, port = 993) => ({
    ...microsoft('imap'),
    protocol: 'imap' as const,
    host,
    port,
  })

  it.each([
    ...[
      'mail.example.org',
      'mail',
      'xn--mller-kva.example',
      '9.9.9.9',
      '2606:4700::1111',
      '3FFE::1',
    ],
    // The checker refuses these, unless private hosts are allowed.
    ...['127.0.0.1', '10.1.2.3', '::1', '::ffff:10.0.0.1'],
  ])('accepts the host %s', (host) => expect(serverRefusal(server(host), null, guarded)).toBeNull())

  it.each([
    'müller.example',
    'user@mail.example.org',
    'mail.example.org:993',
    'https://mail.example.org',
    'mail example.org',
    '-mail.example.org',
    'mail..example.org',
    ...['', '1.2.3', '127.1', '1.2.3.256', '1.2.3.4.5', '010.0.0.1', '0x7f.0.0.1', '0x7f000001'],
    ...['2130706433', '[::1]', ':::', '1::2::3', '12345::1', 'dead:beef', 'fe80::1%eth0'],
    `${'a'.repeat(64)}.example.org`,
  ])('refuses the host %s, whatever the settings', (host) => {
    expect(pointerOf(serverRefusal(server(host), null, guarded))).toBe('/host')
    expect(pointerOf(serverRefusal(server(host), null, open))).toBe('/host')
  })

  it('refuses ports other than mail ports unless private hosts are allowed', () => {
    expect(pointerOf(serverRefusal(server('mail.example.org', 22), null, guarded))).toBe('/port')
    expect(serverRefusal(server('mail.example.org', 9993), null, open)).toBeNull()
    for (const port of [25, 143, 465, 587, 993]) {
      expect(serverRefusal(server('mail.example.org', port), null, guarded)).toBeNull()
    }
  })
})

describe('serverRefusal for an access token', () => {
  const imap = (host: string, port = 993, security: 'tls' | 'starttls' = 'tls') => ({
    protocol: 'imap' as const,
    host,
    port,
    security,
  })
  const extra = imap('mail.contoso.test', 1993)
  const notAllowed = { error: { reason: 'mail_server_not_allowed' } }
  const withExtra = { ...open, extraMailServers: [extra] }

  it('also allows exactly the extra servers of the settings', () => {
    expect(serverRefusal(imap('mail.contoso.test', 1993), 'global', withExtra)).toBeNull()
    expect(serverRefusal(imap('mail.contoso.test', 993), 'global', withExtra)).toMatchObject(
      notAllowed,
    )
    const smtp = { ...imap('mail.contoso.test', 1993), protocol: 'smtp' as const }
    expect(serverRefusal(smtp, 'global', withExtra)).toMatchObject(notAllowed)
  })

  it.each([
    'imap.evil.example',
    'outlook.office365.com.evil.example',
    'evil-outlook.office365.com',
    'smtp.office365.com',
    '52.97.0.1',
  ])('refuses %s', (host) => {
    expect(serverRefusal(imap(host), 'global', withExtra)).toMatchObject(notAllowed)
  })

  it('refuses a port or security other than that of the server', () => {
    expect(serverRefusal(imap('outlook.office365.com', 143), 'global', open)).toMatchObject(
      notAllowed,
    )
    const starttls = imap('outlook.office365.com', 993, 'starttls')
    expect(serverRefusal(starttls, 'global', open)).toMatchObject(notAllowed)
  })

  it('lists every allowed server when it refuses one', () => {
    const sender = { ...imap('smtp.contoso.test', 1587), protocol: 'smtp' as const }
    const settings = { ...open, extraMailServers: [extra, sender] }
    const result = serverRefusal(imap('imap.evil.example'), 'global', settings)
    const problem = result && toProblem(result.error)
    expect(problem).toMatchObject({
      code: 'mail_host_not_allowed',
      detail: expect.stringContaining(
        'outlook.office365.com:993 with TLS, mail.contoso.test:1993 with TLS',
      ),
      errors: [{ pointer: '/host' }],
    })
    expect(JSON.stringify(problem)).not.toContain('smtp.contoso.test')
  })
})
