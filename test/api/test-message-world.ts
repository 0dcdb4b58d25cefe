/** A world whose checker sends test messages, and calls that send them. */
import type { ProbeReport, ProbeRequest } from '../../schema/probe.ts'
import type { TestMessage } from '../../schema/test-message.ts'
import { probeFailure } from '../probe-failure.ts'
import type { WorldOptions } from './harness.ts'
import { activeMailWorld, passes, smtpForm } from './mail-world.ts'

/** Returns the checker's report of a message that the server accepted. */
export const sends = (request: ProbeRequest): ProbeReport => ({
  ...passes(request),
  steps: [
    ...passes(request).steps,
    { name: 'send', outcome: 'passed', duration_ms: 9, detail: 'The server accepted it.' },
  ],
  sent: true,
})

/** Returns the checker's report of a message that the server refused after the login, in these words. */
export const refusesToSend =
  (reply: string, changes: Partial<ProbeReport> = {}) =>
  (request: ProbeRequest): ProbeReport => {
    const [, code = '', enhanced = null] = /^(\d{3})(?: (\d\.\d+\.\d+))?/.exec(reply) ?? []
    const temporary = code.startsWith('4')
    const outcome = temporary ? 'inconclusive' : 'failed'
    return {
      ...passes(request),
      outcome,
      steps: [
        ...passes(request).steps,
        {
          name: 'send',
          outcome,
          duration_ms: 9,
          detail: `The server refused the message: ${reply}`,
        },
      ],
      failure: probeFailure({
        step: 'send',
        kind: temporary ? 'unavailable' : 'rejected',
        reply,
        smtp_code: Number(code),
        smtp_enhanced: enhanced,
      }),
      sent: false,
      ...changes,
    }
  }

export const pathOf = (id: string) => `/v1/mail-accounts/${id}/test-message`

export async function createTestMessageWorld({
  probe = sends,
  ...options
}: WorldOptions & { probe?: (request: ProbeRequest) => ProbeReport } = {}) {
  const world = await activeMailWorld({ probe, ...options })
  return {
    ...world,
    /** Saves an SMTP account of Alice's mailbox, with `changes` applied. */
    async saveSmtp(changes: object = {}) {
      const grant = await world.grant('alice@contoso.test')
      return world.save(smtpForm(grant, changes))
    },
    async sendTo(id: string, to: string, headers: Record<string, string> = {}) {
      return world.call('POST', pathOf(id), { to }, headers)
    },
    async sent(id: string, to = 'bob@contoso.test'): Promise<TestMessage> {
      const response = await world.call('POST', pathOf(id), { to })
      if (response.status !== 201) throw new Error(await response.text())
      return response.json()
    },
  }
}

/** Creates such a world with an SMTP account of Alice's mailbox, with `changes` applied. */
export async function smtpAccountWorld(
  options: Parameters<typeof createTestMessageWorld>[0] = {},
  changes: object = {},
) {
  const world = await createTestMessageWorld(options)
  return { world, ...(await world.saveSmtp(changes)) }
}
