import { describe, expect, it } from 'vitest'
import { createTestMessageWorld, refusesToSend } from '../../test-message-world.ts'

/** Refusals of Exchange Online after a login that passed, one for each cause; `test/diagnosis` has its other words. */
const SENTENCES: [reply: string, cause: string, outcome: 'failed' | 'inconclusive'][] = [
  [
    '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
    'send-as-denied',
    'failed',
  ],
  ['550 5.1.8 Access denied, bad outbound sender. AS(42004)', 'sender-restricted', 'failed'],
  [
    '550 5.7.705 Access denied, tenant has exceeded threshold. AS(1408)',
    'tenant-blocked-from-sending',
    'failed',
  ],
  [
    '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException.MapiExceptionSubmissionQuotaExceeded; Failed to process message due to a permanent exception',
    'throttled',
    'failed',
  ],
  [
    '432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information.',
    'throttled',
    'inconclusive',
  ],
  [
    '554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded',
    'mailbox-full',
    'failed',
  ],
  [
    '554 5.2.0 STOREDRV.Submission.Exception:MailboxDisabledException; mailbox disabled',
    'mailbox-missing',
    'failed',
  ],
  [
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient nobody@contoso.com not found by SMTP address lookup',
    'recipient-refused',
    'failed',
  ],
  [
    '451 4.7.0 Temporary server error. Please try again later. PRX4',
    'server-transient',
    'inconclusive',
  ],
  // These replies say that the client isn't logged in. But the server has accepted the login, so the cause is
  // another.
  ['530 5.7.57 Client not authenticated to send mail.', 'smtp-auth-disabled-tenant', 'failed'],
  [
    '530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM',
    'smtp-auth-disabled-tenant',
    'failed',
  ],
  [
    '530 5.7.3 Client was not authenticated to send anonymous mail',
    'smtp-auth-disabled-tenant',
    'failed',
  ],
  ['554 5.7.1 Unable to relay', 'send-as-denied', 'failed'],
  // These don't show a reason. Above all, they must not be blamed on the token.
  ['550 no', 'none', 'failed'],
  ['554 Transaction failed', 'none', 'failed'],
]

describe('the diagnosis of a test message that the server refuses', () => {
  it('reports the cause of each sentence of Exchange', async () => {
    const world = await createTestMessageWorld()
    const { id } = await world.saveSmtp()
    const found: typeof SENTENCES = []
    for (const [reply] of SENTENCES) {
      world.login.probe = refusesToSend(reply)
      const { outcome, sent, diagnosis } = await world.sent(id)
      expect(sent).toBe(false)
      if (outcome === 'passed') throw new Error('it must not pass')
      found.push([reply, diagnosis?.candidates[0]?.cause ?? 'none', outcome])
      world.advance(600)
    }
    expect(found).toEqual(SENTENCES)
  })
})
