import { describe, expect, it } from 'vitest'
import { resultWords } from '../../../../../api/console/pages/email-account/test-message-words.ts'
import type { Step } from '../../../../../schema/probe.ts'

const step = (name: Step['name'], outcome: Step['outcome'], detail: string | null = null) => ({
  name,
  outcome,
  duration_ms: 0,
  detail,
})
const to = 'bob@contoso.test'

describe('the result of a test message', () => {
  it('names the recipient, and where to look, once the server has accepted it', () => {
    const steps = [step('authenticate', 'passed', 'in'), step('send', 'passed', '250 OK')]
    expect(resultWords({ outcome: 'passed', sent: true, to, steps })).toEqual({
      tone: 'good',
      title: 'The server accepted the message for bob@contoso.test',
      text: 'If the message does not arrive, look in the junk folder.',
    })
  })

  it('quotes the refusal of the server', () => {
    const steps = [step('mailbox', 'skipped', 'none'), step('send', 'failed', 'It said 550.')]
    expect(resultWords({ outcome: 'failed', sent: false, to, steps })).toEqual({
      tone: 'bad',
      title: 'The message was not sent',
      text: 'It said 550.',
    })
  })

  it('differs between what was not sent now and what may have been sent', () => {
    const steps = [step('dns', 'skipped', 'The checker is busy.'), step('send', 'skipped')]
    const open = { outcome: 'inconclusive', to, steps } as const
    expect(resultWords({ ...open, sent: false })).toMatchObject({
      tone: 'ask',
      title: 'The message could not be sent now',
      text: 'The checker is busy.',
    })
    expect(resultWords({ ...open, sent: null }).title).toBe('The message may have been sent')
  })
})
