import { describe, expect, it } from 'vitest'
import { checkAddress } from '../../../../api/domain/webhooks/address.ts'

const closed = {
  publicUrl: 'https://mail.example.com',
  checkerUrl: 'https://checker.example.com:8443/at',
  allowLoopbackWebhooks: false,
}
const open = { ...closed, allowLoopbackWebhooks: true }

describe('the address of a webhook', () => {
  it.each([
    ['https://helpdesk.example.com/hooks', 'https://helpdesk.example.com/hooks'],
    ['https://EXAMPLE.com:443/a?b=c#d', 'https://example.com/a?b=c'],
    ['https://xn--bcher-kva.example/', 'https://xn--bcher-kva.example/'],
  ])('may be %s', (text, url) => {
    expect(checkAddress(text, closed)).toEqual({ ok: true, value: url })
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
  ])('may not be %s', (text) => {
    expect(checkAddress(text, closed)).toMatchObject({
      ok: false,
      error: { reason: 'invalid', pointer: '/url' },
    })
  })

  it('may be a loopback address if the settings allow it, but no other internal address', () => {
    expect(checkAddress('http://127.0.0.1:4000/hook', open)).toMatchObject({ ok: true })
    expect(checkAddress('http://localhost:4000/hook', open)).toMatchObject({ ok: true })
    expect(checkAddress('http://10.0.0.1/hook', open)).toMatchObject({ ok: false })
    expect(checkAddress('http://helpdesk.example.com/', open)).toMatchObject({ ok: false })
  })
})
