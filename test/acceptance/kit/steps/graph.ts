/** Microsoft Graph: what the probe shows, and what a message needs. */
import { fail } from '../context.ts'
import { viewImap } from '../mail-dialogue.ts'
import type { Exchange } from '../recorder.ts'
import { errorOf, imapOutcome, member, messageOf, refusalOf, yes } from '../responses.ts'
import { message, PROBE, send } from '../send-mail.ts'
import type { Step } from './step.ts'

const delegated: Step = {
  id: 'graph',
  title: 'Sign in for sending through Microsoft Graph',
  needs: ['work'],
  checks: [
    'graph-hosts',
    'refresh-token-serves-both',
    'scopes-with-other-prefix',
    'sign-in-adds-consent',
    'probe-permitted',
    'wrong-audience-text',
    'users-by-address',
    'json-headers-begin-with-x',
    'accepted-is-not-delivered',
    'imap-wrong-audience',
  ],
  async run(kit) {
    const { observe, target, recorder } = kit
    const bare = await send(kit, { path: '/me', token: null })
    observe('graph-hosts', '401 InvalidAuthenticationToken', errorOf(bare))
    const outlook = await kit.signIn('work')
    const { exchange } = await kit.signIn('work', ['graph_send'])
    if (!exchange || !outlook.exchange) fail('there is no sign-in')
    const user = await kit.addressOf('work')
    const tenant = exchange.url.pathname.split('/')[1] ?? 'common'
    const form = kit.refreshForm(exchange, kit.scopeAt('outlook', 'IMAP.AccessAsUser.All'))
    const mail = await kit.repeat(form, {}, { tenant: tenantOf(exchange) ?? tenant })
    observe('refresh-token-serves-both', '200', refusalOf(mail))
    observe('sign-in-adds-consent', '200', refusalOf(mail))
    const scopes = member(exchange, 'scope')
      .split(' ')
      .filter((scope) => scope.includes('IMAP.'))
    const isPrefixed = scopes.every((scope) => scope.startsWith('https://graph.microsoft.com/'))
    observe(
      'scopes-with-other-prefix',
      'IMAP with the prefix of Graph',
      scopes.length > 0 && isPrefixed ? 'IMAP with the prefix of Graph' : 'something else',
    )
    const token = member(exchange, 'access_token')
    observe('probe-permitted', PROBE, errorOf(await send(kit, { path: '/me', token })))
    const byAddress = await send(kit, { path: `/users/${encodeURIComponent(user)}`, token })
    observe('users-by-address', PROBE, errorOf(byAddress))
    const wrong = await send(kit, { path: '/me', token: member(outlook.exchange, 'access_token') })
    observe(
      'wrong-audience-text',
      '401 InvalidAuthenticationToken, Invalid audience',
      `${errorOf(wrong)}, ${/Invalid audience/.test(messageOf(wrong)) ? 'Invalid audience' : 'other words'}`,
    )
    const json = { path: '/me', token, type: 'application/json' }
    const header = await send(kit, {
      ...json,
      body: message(user, [{ name: 'Mailgrant', value: '1' }]),
    })
    observe(
      'json-headers-begin-with-x',
      'refused',
      header.status === 400 ? 'refused' : errorOf(header),
    )
    const sent = await send(kit, {
      ...json,
      body: message(user, [{ name: 'X-Mailgrant', value: '1' }]),
    })
    observe('accepted-is-not-delivered', '202', errorOf(sent))
    const login = { user, token }
    observe(
      'imap-wrong-audience',
      'NO AUTHENTICATE failed',
      imapOutcome(await viewImap(target.imap, login, recorder, target.dial)),
    )
  },
}

function tenantOf(exchange: Exchange): string | undefined {
  const [, claims = ''] = member(exchange, 'id_token').split('.')
  const { tid } = JSON.parse(Buffer.from(claims, 'base64url').toString() || '{}')
  return tid
}

const app: Step = {
  id: 'graph-app',
  title: "Call Graph with the app's own token, which has no permission",
  needs: ['work'],
  checks: ['probe-refused', 'app-only-has-no-me'],
  async run(kit) {
    const { observe } = kit
    const request = await kit.appRequest()
    const response = await kit.repeat(request, { scope: 'https://graph.microsoft.com/.default' })
    const token = member(response, 'access_token')
    const user = await kit.addressOf('work')
    const refused = await send(kit, { path: `/users/${encodeURIComponent(user)}`, token })
    observe('probe-refused', '403 ErrorAccessDenied', errorOf(refused))
    const me = await send(kit, { path: '/me', token })
    observe(
      'app-only-has-no-me',
      'yes',
      yes(me.status === 400 && /only valid with delegated/.test(messageOf(me))),
    )
  },
}

export const graphSteps: readonly Step[] = [app, delegated]
