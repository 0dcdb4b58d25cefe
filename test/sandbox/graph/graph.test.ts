import { describe, expect, it } from 'vitest'
import { createEntra } from '../entra/entra.ts'
import { AUTHORITY, callToken, MAIL_SEND, obtainTokens, SCOPE } from '../entra/test-client.ts'
import { cast } from '../personas.ts'
import { createGraph } from './graph.ts'

const ALICE = 'alice@contoso.test'
const SUPPORT = 'support@contoso.test'
const MIME = btoa(
  `From: other@contoso.test\r\nTo: Bob <bob@contoso.test>,\r\n ${ALICE}\r\n\r\nHello`,
)
const PROBE = '!!!!'
const SENT = { end: '202' }

function newWorld() {
  let time = Date.now()
  const entra = createEntra({ now: () => time })
  const { checkToken, exchange, now } = entra
  const graph = createGraph({ people: cast, checkToken, exchange, now })
  return {
    entra,
    graph,
    advance(ms: number) {
      time += ms
    },
    tokenOf: async (as: string, scope = MAIL_SEND) =>
      (await obtainTokens(entra, as, { scope })).access_token,
    appToken: async (tenant = 'contoso.test') => {
      const scope = 'https://graph.microsoft.com/.default'
      const form = { grant_type: 'client_credentials', scope }
      return String((await callToken(entra, form, { tenant })).body.access_token)
    },
    /** Returns the status and the code of an error, and its message. */
    async send(token: string, body: string | object = MIME, path = 'me') {
      const isMime = typeof body === 'string'
      const response = await graph.fetch(`https://graph.microsoft.com/v1.0/${path}/sendMail`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': isMime ? 'text/plain' : 'application/json',
        },
        body: isMime ? body : JSON.stringify(body),
      })
      const text = await response.text()
      if (text === '') return { end: `${response.status}`, message: '' }
      const { error } = JSON.parse(text) as { error: { code: string; message: string } }
      return { end: `${response.status} ${error.code}`, message: error.message }
    },
  }
}

const json = (message: object, more = {}) => ({
  message: { toRecipients: [{ emailAddress: { address: ALICE } }], ...message },
  ...more,
})
const from = (address: string) => json({ from: { emailAddress: { address } } })

describe('sendMail', () => {
  it('sends MIME as the mailbox, whatever its From is, and JSON as a sender with Send As', async () => {
    const { graph, entra, send, tokenOf } = newWorld()
    const token = await tokenOf(ALICE)
    expect(await send(token)).toMatchObject(SENT)
    expect(await send(token, { ...from(SUPPORT), saveToSentItems: false })).toMatchObject(SENT)
    expect(graph.messages).toMatchObject([
      { mailbox: ALICE, from: ALICE, to: ['bob@contoso.test', ALICE], savedToSentItems: true },
      { mailbox: ALICE, from: SUPPORT, to: [ALICE], savedToSentItems: false },
    ])
    expect(entra.exchange.messagesIn(ALICE)).toBe(2)
    expect(await send(token, from('bob@contoso.test'))).toMatchObject({
      end: '403 ErrorSendAsDenied',
    })
  })

  it.each([
    ['400 ErrorMimeContentInvalidBase64String', PROBE],
    ['400 ErrorMimeContentInvalid', btoa('Hello')],
    ['400 ErrorInvalidRecipients', btoa('Subject: Hello\n\nHello')],
    ['400 BadRequest', {}],
    ['400 ErrorInvalidRecipients', json({ toRecipients: [] })],
    ['400 InvalidInternetMessageHeader', json({ internetMessageHeaders: [{ name: 'Date' }] })],
    ['413 ErrorMessageSizeExceeded', 'A'.repeat(4 * 1024 * 1024 + 1)],
  ])('refuses a body with %s', async (end, body) => {
    const { graph, send, tokenOf } = newWorld()
    expect(await send(await tokenOf(ALICE), body)).toMatchObject({ end })
    expect(graph.messages).toEqual([])
  })

  it('refuses tokens as Microsoft does', async () => {
    const { advance, send, tokenOf } = newWorld()
    const token = await tokenOf(ALICE)
    const messageFor = async (refused: string) => (await send(refused)).message
    expect(await messageFor('')).toBe('Access token is empty.')
    expect(await messageFor('EwAno-dots')).toContain('IDX14100')
    expect(await messageFor(`${token}x`)).toBe('Signing key is invalid.')
    const mail = await tokenOf(ALICE, SCOPE)
    expect(await messageFor(mail)).toBe('Access token validation failure. Invalid audience.')
    expect(await messageFor(await tokenOf('grace@outlook.test', SCOPE))).toContain('80049217')
    advance(2 * 3_600_000)
    expect(await messageFor(token)).toBe('Lifetime validation failed, the token is expired.')
  })

  it.each([
    ['carol@contoso.test', undefined, 'me', '202'],
    ['ivan@outlook.test', undefined, 'me', '202'],
    ['heidi.h@contoso.test', undefined, 'users/heidi%40contoso.test', '202'],
    ['admin@contoso.test', undefined, 'me', '404 MailboxNotEnabledForRESTAPI'],
    [ALICE, 'https://graph.microsoft.com/SMTP.Send', 'me', '403 ErrorAccessDenied'],
    [ALICE, undefined, `users/${SUPPORT}`, '403 ErrorAccessDenied'],
    [ALICE, `${MAIL_SEND}.Shared`, `users/${SUPPORT}`, '202'],
    [ALICE, `${MAIL_SEND}.Shared`, 'users/carol@contoso.test', '404 ErrorItemNotFound'],
    [ALICE, `${MAIL_SEND}.Shared`, 'users/nobody@contoso.test', '404 ErrorInvalidUser'],
    [ALICE, undefined, 'me/x', '400 BadRequest'],
  ])('answers %s with %s at %s: %s', async (as, scope, path, end) => {
    const { send, tokenOf } = newWorld()
    expect(await send(await tokenOf(as, scope), MIME, path)).toMatchObject({ end })
  })

  it('lets the app send from the mailboxes of its consent, of a role, and of a policy', async () => {
    const { appToken, entra, send } = newWorld()
    const exchange = (change: object) =>
      entra.fetch(`${AUTHORITY}/sandbox/control`, {
        method: 'POST',
        body: JSON.stringify({ exchange: { tenant: 'contoso.test', ...change } }),
      })
    const sends = async (path = `users/${SUPPORT}`, tenant = 'contoso.test') =>
      (await send(await appToken(tenant), MIME, path)).end
    expect(await sends()).toBe('403 ErrorAccessDenied')
    await exchange({ mailbox: SUPPORT, role: 'Application Mail.Send' })
    expect([await sends(), await sends(`users/${ALICE}`)]).toEqual(['202', '403 ErrorAccessDenied'])
    entra.control.setAppConsent('contoso.test', true, 'graph')
    expect(await sends(`users/${ALICE}`)).toBe('202')
    expect(await sends('me')).toBe('400 BadRequest')
    await exchange({ policy: [SUPPORT] })
    expect((await send(await appToken(), MIME, `users/${ALICE}`)).message).toContain('[RAOP]')
    entra.control.setAppConsent('adatum.test', true, 'graph')
    expect(await sends(`users/${ALICE}`, 'adatum.test')).toBe(
      '401 OrganizationFromTenantGuidNotFound',
    )
  })
})

describe('a fault of a mailbox', () => {
  it('refuses every call, or only a message that could be sent', async () => {
    const { entra, graph, send, tokenOf } = newWorld()
    const token = await tokenOf(ALICE)
    entra.control.setGraphFault(ALICE, 'ApplicationThrottled')
    const response = await graph.fetch('https://graph.microsoft.com/v1.0/me/sendMail', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'client-request-id': 'a-request' },
    })
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '10'])
    expect(await response.json()).toMatchObject({
      error: { code: 'ApplicationThrottled', innerError: { 'client-request-id': 'a-request' } },
    })
    entra.control.setGraphFault(ALICE, 'ErrorMessageSubmissionBlocked')
    expect(await send(token, PROBE)).toMatchObject({
      end: '400 ErrorMimeContentInvalidBase64String',
    })
    expect(await send(token)).toMatchObject({ end: '403 ErrorMessageSubmissionBlocked' })
    entra.control.setGraphFault(ALICE, null)
    expect(await send(token)).toMatchObject(SENT)
  })
})
