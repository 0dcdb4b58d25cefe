import { describe, expect, it } from 'vitest'
import { describeInterpretation } from '../../../../../api/console/pages/diagnosis/interpretation.ts'

describe('the sentence about what an error was taken for', () => {
  it('names protocol, stage and source', () => {
    const reading = { protocol: 'imap', stage: 'auth', source: 'mail_server' } as const
    expect(describeInterpretation(reading)).toBe(
      'Read as: IMAP error, at the login, reported by the mail server.',
    )
  })

  it('leaves out what is unknown, and is missing if nothing is known', () => {
    expect(describeInterpretation({ protocol: null, stage: 'connect', source: null })).toBe(
      'Read as: error, while connecting.',
    )
    expect(describeInterpretation({ protocol: null, stage: null, source: null })).toBeNull()
  })
})
