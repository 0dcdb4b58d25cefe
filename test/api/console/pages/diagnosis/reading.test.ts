import { describe, expect, it } from 'vitest'
import { describeReading } from '../../../../../api/console/pages/diagnosis/reading.ts'

describe('the sentence about what an error was taken for', () => {
  it('names protocol, stage and speaker', () => {
    const reading = { protocol: 'imap', stage: 'auth', speaker: 'mail_server' } as const
    expect(describeReading(reading)).toBe(
      'Read as: IMAP error, at the login, reported by the mail server.',
    )
  })

  it('leaves out what is unknown, and is missing if nothing is known', () => {
    expect(describeReading({ protocol: null, stage: 'connect', speaker: null })).toBe(
      'Read as: error, while connecting.',
    )
    expect(describeReading({ protocol: null, stage: null, speaker: null })).toBeNull()
  })
})
