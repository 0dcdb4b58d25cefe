/** IMAP and SMTP with a token, as Exchange Online and Outlook.com accept and refuse it. */
import { fail } from '../context.ts'
import { viewImap, viewSmtp } from '../mail-dialogue.ts'
import { errorOf, imapOutcome, member, smtpOutcome, yes } from '../responses.ts'
import { message, send } from '../send-mail.ts'
import type { Step } from './step.ts'

const BAD_TOKEN = 'mailgrant-acceptance-not-a-token'

const imap: Step = {
  id: 'imap',
  title: 'Log in over IMAP',
  needs: ['work'],
  checks: [
    'imap-host',
    'imap-offers-xoauth2',
    'imap-accepts',
    'imap-refuses',
    'imap-other-mailbox',
  ],
  async run(kit) {
    const { observe, recorder, target } = kit
    const { exchange, grant } = await kit.signIn('work')
    if (!exchange || !grant) fail('there is no sign-in')
    const user = await kit.addressOf('work')
    const token = member(exchange, 'access_token')
    const view = (login: { user: string; token: string }) =>
      viewImap(target.imap, login, recorder, target.dial)
    const own = await view({ user, token })
    observe(
      'imap-host',
      'Exchange',
      /Microsoft Exchange IMAP4/.test(own.greeting) ? 'Exchange' : 'another server',
    )
    observe(
      'imap-offers-xoauth2',
      'yes',
      yes(['AUTH=XOAUTH2', 'SASL-IR'].every((name) => own.capabilities.includes(name))),
    )
    observe('imap-accepts', 'opened', imapOutcome(own))
    observe(
      'imap-refuses',
      'NO AUTHENTICATE failed',
      imapOutcome(await view({ user, token: BAD_TOKEN })),
    )
    const other = await kit.fact(
      'other mailbox',
      'The address of another mailbox of the tenant, which the work account must not open',
    )
    observe('imap-other-mailbox', 'not connected', imapOutcome(await view({ user: other, token })))
    const { outcome } = await kit.validate('imap', grant, user)
    if (outcome !== 'passed') fail(`Mailgrant's own validation ${outcome}`)
  },
}

const hasAuth = (extensions: readonly string[]) => extensions.some((line) => /^AUTH\b/.test(line))

const smtp: Step = {
  id: 'smtp',
  title: 'Log in over SMTP',
  needs: ['work'],
  checks: [
    'smtp-host',
    'smtp-auth-after-tls',
    'smtp-offers-xoauth2',
    'smtp-two-lines',
    'smtp-accepts',
    'smtp-refuses',
  ],
  async run(kit) {
    const { observe, recorder, target } = kit
    const { exchange } = await kit.signIn('work')
    if (!exchange) fail('there is no sign-in')
    const user = await kit.addressOf('work')
    const token = member(exchange, 'access_token')
    const own = await viewSmtp(target.smtp, { user, token }, recorder, target.dial)
    observe(
      'smtp-host',
      'Exchange',
      /Microsoft ESMTP MAIL Service/.test(own.greeting) ? 'Exchange' : 'another server',
    )
    const early = hasAuth(own.before) ? 'AUTH too early' : 'AUTH after TLS'
    observe(
      'smtp-auth-after-tls',
      'STARTTLS, AUTH after TLS',
      `${own.before.includes('STARTTLS') ? 'STARTTLS' : 'no STARTTLS'}, ${early}`,
    )
    observe(
      'smtp-offers-xoauth2',
      'yes',
      yes(own.after.some((line) => /^AUTH\b.*\bXOAUTH2\b/.test(line))),
    )
    observe(
      'smtp-two-lines',
      'empty 334',
      /^334\s*$/.test(own.challenge ?? '') ? 'empty 334' : 'something else',
    )
    observe('smtp-accepts', '235 2.7.0', smtpOutcome(own.authenticate))
    const bad = await viewSmtp(target.smtp, { user, token: BAD_TOKEN }, recorder, target.dial)
    observe('smtp-refuses', '535 5.7.3', smtpOutcome(bad.authenticate))
  },
}

const smtpPersonal: Step = {
  id: 'smtp-personal',
  title: 'Reach the SMTP server of personal accounts',
  needs: [],
  checks: ['smtp-host-personal'],
  async run({ observe, recorder, target }) {
    const { greeting, after } = await viewSmtp(target.smtpPersonal, null, recorder, target.dial)
    const isExchange = /Microsoft ESMTP MAIL Service/.test(greeting) && hasAuth(after)
    observe('smtp-host-personal', 'Exchange', isExchange ? 'Exchange' : 'another server')
  },
}

const smtpOff: Step = {
  id: 'smtp-off',
  title: 'Switch SMTP AUTH of the mailbox off and on',
  needs: ['work', 'admin'],
  checks: ['smtp-off-mailbox', 'graph-ignores-smtp-auth', 'mailbox-overrides-organisation'],
  async run(kit) {
    const mailbox = await kit.addressOf('work')
    const look = async () => {
      const login = { user: mailbox, token: await kit.outlookToken('work') }
      const view = await viewSmtp(kit.target.smtp, login, kit.recorder, kit.target.dial)
      return smtpOutcome(view.authenticate)
    }
    await kit.change('smtp-off', { mailbox })
    const off = '535 5.7.139 disabled for the Mailbox'
    kit.observe('smtp-off-mailbox', off, await kit.until(off, look))
    const { exchange } = await kit.signIn('work', ['graph_send'])
    if (!exchange) fail('there is no sign-in for Graph')
    const sent = await send(kit, {
      path: '/me',
      token: member(exchange, 'access_token'),
      type: 'application/json',
      body: message(mailbox),
    })
    kit.observe('graph-ignores-smtp-auth', '202', errorOf(sent))
    await kit.undo('smtp-off')
    kit.observe('mailbox-overrides-organisation', '235 2.7.0', await kit.until('235 2.7.0', look))
  },
}

const imapOff: Step = {
  id: 'imap-off',
  title: 'Switch IMAP of the mailbox off and on',
  needs: ['work', 'admin'],
  checks: ['imap-off'],
  async run(kit) {
    const mailbox = await kit.addressOf('work')
    const look = async () => {
      const login = { user: mailbox, token: await kit.outlookToken('work') }
      return imapOutcome(await viewImap(kit.target.imap, login, kit.recorder, kit.target.dial))
    }
    await kit.change('imap-off', { mailbox })
    kit.observe('imap-off', 'not connected', await kit.until('not connected', look))
    await kit.undo('imap-off')
    await kit.until('opened', look)
  },
}

export const mailSteps: readonly Step[] = [imap, smtp, smtpPersonal]
export const settingSteps: readonly Step[] = [smtpOff, imapOff]
