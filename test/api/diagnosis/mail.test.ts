import { describe, expect, it } from 'vitest'
import { diagnose, type Report } from '../../../api/diagnosis/diagnose.ts'
import type { Evidence } from '../../../schema/diagnosis.ts'

const causes = (report: Report) => diagnose(report).candidates.map(({ cause }) => cause)
const sending = (error: string, evidence: Evidence = {}): Report => ({
  protocol: 'smtp',
  stage: 'send',
  error,
  evidence,
})

describe('a sender whom Microsoft has blocked', () => {
  it.each([
    ['550 5.1.8 Access denied, bad outbound sender. AS(42003)', 'sender-restricted'],
    ['550 5.7.501 Access denied, spam abuse detected', 'sender-restricted'],
    ['550 5.7.503 Access denied, banned sender', 'sender-restricted'],
    [
      '554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Actual verdict is Suspend',
      'sender-restricted',
    ],
    ['550 5.7.705 Access denied, tenant has exceeded threshold', 'tenant-blocked-from-sending'],
    ['550 5.7.708 Access denied, traffic not accepted from this IP', 'tenant-blocked-from-sending'],
  ])('is never advised to try again: %s', (error, cause) => {
    const [first] = diagnose(sending(error)).candidates
    expect(first).toMatchObject({ cause, retryable: false })
    expect(causes(sending(error))).not.toContain('throttled')
    expect(causes(sending(error))).not.toContain('user-consent-missing')
  })
})

describe('a limit of sending', () => {
  it.each([
    '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException',
    '550 5.2.2 Submission quota exceeded',
    "The message can't be submitted because the sender's submission quota was exceeded.",
  ])('is not taken for a full mailbox: %s', (error) => {
    expect(causes(sending(error))[0]).toBe('throttled')
    expect(causes(sending(error))).not.toContain('mailbox-full')
  })

  it('is not read in the version of a program', () => {
    const report = sending(
      'PHPMailer 5.2.2 uses PHP 5.1.8 and prints: SMTP Error: data not accepted.',
    )
    expect(causes(report)).not.toContain('mailbox-full')
    expect(causes(report)).not.toContain('sender-restricted')
  })
})
