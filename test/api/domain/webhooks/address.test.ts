import { describe, expect, it } from 'vitest'
import { checkAddress, checkService } from '../../../../api/domain/webhooks/address.ts'

const closed = {
  publicUrl: 'https://mail.example.com',
  checkerUrl: 'https://checker.example.com:8443/at',
  webhookPrivateHosts: [],
}
const open = { ...closed, webhookPrivateHosts: ['zammad', '127.0.0.1', '[::1]'] }

describe('the address of a webhook', () => {
  it.each([
    ['https://helpdesk.example.com/hooks', 'https://helpdesk.example.com/hooks'],
    ['https://EXAMPLE.com:443/a?b=c#d', 'https://example.com/a?b=c'],
    ['https://xn--bcher-kva.example/', 'https://xn--bcher-kva.example/'],
  ])('may be %s', (text, url) => {
    expect(checkAddress(text, closed, null)).toEqual({ ok: true, value: url })
  })

  it.each([
    'helpdesk.example.com',
    'http://helpdesk.example.com/',
    'ftp://helpdesk.example.com/',
    'javascript:alert(1)',
    'https://helpdesk.example.com:8443/',
    'https://user:secret@helpdesk.example.com/',
    'https://:secret@helpdesk.example.com/',
    'https://127.0.0.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://017700000001/',
    'https://8.8.8.8/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://localhost/',
    'https://localhost./',
    'https://localhost../',
    'https://localhost.localdomain/',
    'https://127.0.0.1./',
    'https://\uff11\uff12\uff17.0.0.1/',
    'https://printer/',
    'https://metadata.google.internal/',
    'https://nas.local/',
    'https://mail.example.com/v1/webhooks',
    'https://MAIL.example.com./v1/webhooks',
    'https://checker.example.com/v1/probes',
  ])('must not be %s', (text) => {
    expect(checkAddress(text, closed, null)).toMatchObject({
      ok: false,
      error: { reason: 'invalid', pointer: '/url' },
    })
  })

  it("must not be Mailgrant's own host, even if PUBLIC_URL has it in full, with a trailing dot", () => {
    const settings = { ...closed, publicUrl: 'https://mail.example.com.' }
    expect(checkAddress('https://mail.example.com/v1/webhooks', settings, null).ok).toBe(false)
  })

  it.each([
    'http://zammad:3000/hook',
    'https://ZAMMAD./hook',
    'http://127.0.0.1:4000/hook',
    'http://2130706433:4000/hook',
    'http://[0::1]/hook',
  ])('may be %s if the settings name its host', (url) => {
    expect(checkAddress(url, open, null)).toMatchObject({ ok: true })
  })

  it.each([
    'http://10.0.0.1/hook',
    'http://127.0.0.2/hook',
    'http://zammad.local/hook',
    'http://a.zammad/hook',
    'ftp://zammad/hook',
    'http://user@zammad/hook',
    'http://helpdesk.example.com/',
  ])('must not be %s even if the settings name other hosts', (url) => {
    expect(checkAddress(url, open, null)).toMatchObject({ ok: false })
  })

  it('is refused for its host rather than for its scheme or port', () => {
    for (const host of ['zammad', '10.0.0.1', 'nas.local']) {
      const refused = checkAddress(`http://${host}:3000/`, closed, null)
      const issue = host === '10.0.0.1' ? 'ip_address' : 'private_name'
      expect(refused).toMatchObject({ error: { issue } })
    }
  })
})

describe('a URL of a chat service', () => {
  const SLACK = 'https://hooks.slack.com/services/T0AB/B0CD/9f3k'
  const TEAMS =
    'https://prod-12.westeurope.logic.azure.com/workflows/a1/triggers/manual/paths/invoke'

  it.each([
    ['teams', SLACK, 'slack', 'hooks.slack.com'],
    ['standard', 'https://hooks.slack.com./x', 'slack', 'hooks.slack.com'],
    ['slack', TEAMS, 'teams', 'prod-12.westeurope.logic.azure.com'],
    ['slack', 'https://contoso.webhook.office.com/x', 'teams', 'contoso.webhook.office.com'],
    ['slack', 'https://a1.06.environment.api.powerplatform.com/x', 'teams', /powerplatform/],
  ] as const)('is refused for %s by its host: %s', (type, url, from, host) => {
    const isHost = typeof host === 'string' ? host : expect.stringMatching(host)
    expect(checkService(url, type)).toMatchObject({ error: { type, from, host: isHost } })
  })

  it.each([
    ['slack', SLACK],
    ['teams', TEAMS],
    ['standard', TEAMS],
    ['slack', 'https://mattermost.example.com/hooks/x'],
    ['teams', 'https://hooks.slack.com.example.com/x'],
  ] as const)('is accepted for %s: %s', (type, url) => {
    expect(checkService(url, type)).toEqual({ ok: true, value: url })
  })
})
