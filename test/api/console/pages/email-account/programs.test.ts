import { describe, expect, it } from 'vitest'
import { programsFor } from '../../../../../api/console/pages/email-account/programs.ts'
import type { MailAccount } from '../../../../../schema/mail-account.ts'

const example = (name: string, protocols: MailAccount['protocol'][], text: string) => ({
  name,
  protocols,
  steps: [{ title: 'Run this', name: 'command', text }],
})
const examples = [
  example('Python', ['imap', 'smtp'], 'https://mail.example.com/v1/mail-accounts/ma_...\n'),
  example(
    'msmtp',
    ['smtp'],
    'tls on\nhost smtp.office365.com\nport 587\nfrom alice@contoso.com\nuser alice@contoso.com',
  ),
  example('sh', ['graph_send'], "printf 'To: bob@example.com\\n' | sh graph-send.sh"),
]
const account = {
  id: `ma_${'a'.repeat(26)}`,
  protocol: 'smtp',
  host: 'smtp.example.org',
  port: 465,
  security: 'tls',
  username: 'support@example.org',
  delegate: 'alice@example.org',
  from: 'help@example.org',
} as MailAccount

const shown = (changes: Partial<MailAccount>) =>
  programsFor(examples, { ...account, ...changes }, 'https://mailgrant.example.org').map(
    ({ name, steps }) => [name, ...steps.flatMap(({ text }) => text.split('\n'))],
  )

describe('the programs for an account', () => {
  it('have its values, and the address of the deployment', () => {
    expect(shown({})).toEqual([
      ['Python', `https://mailgrant.example.org/v1/mail-accounts/${account.id}`],
      [
        'msmtp',
        ...['tls on', 'tls_starttls off', 'host smtp.example.org', 'port 465'],
        ...['from help@example.org', 'user alice@example.org'],
      ],
    ])
  })

  it('are those for its protocol', () => {
    const namesOf = (protocol: MailAccount['protocol']) => shown({ protocol }).map(([name]) => name)
    expect(namesOf('imap')).toEqual(['Python'])
    expect(namesOf('graph_send')).toEqual(['sh'])
  })

  it('keep an address of which the example is a part', () => {
    const [, msmtp] = shown({ username: 'malice@contoso.com', delegate: null })
    expect(msmtp?.slice(-2)).toEqual(['from help@example.org', 'user malice@contoso.com'])
    const [, same] = shown({ username: 'bob@x.test', delegate: 'alice@contoso.com', from: null })
    expect(same?.slice(-2)).toEqual(['from bob@x.test', 'user alice@contoso.com'])
  })

  it('pass an address through the shell as it is', () => {
    const [[, run] = []] = shown({ protocol: 'graph_send', from: "o'brien%s$(id)@example.org" })
    expect(run).toBe("printf 'To: o'\\''brien%%s$(id)@example.org\\n' | sh graph-send.sh")
  })
})
