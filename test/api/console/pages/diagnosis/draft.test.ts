import { describe, expect, it } from 'vitest'
import {
  emptyReportDraft,
  inputOf,
  type ReportDraft,
} from '../../../../../api/console/pages/diagnosis/draft.ts'
import { DiagnosisInput } from '../../../../../schema/diagnosis.ts'

const ACCOUNT = `ma_${'a'.repeat(26)}`

/** Parses the request as the API does, which ignores evidence that it cannot read. */
const sent = (changes: Partial<ReportDraft>) =>
  DiagnosisInput.parse(JSON.parse(JSON.stringify(inputOf({ ...emptyReportDraft, ...changes }))))

const withFacts = (facts: Partial<ReportDraft>) => sent({ error: 'LOGIN failed', ...facts })

describe('the form of a diagnosis', () => {
  it('sends the error as it was pasted, and no unknown facts', () => {
    expect(sent({ error: '  a1 NO LOGIN failed.\n' })).toEqual({
      error: '  a1 NO LOGIN failed.\n',
    })
  })

  it('sends protocol, stage and email account', () => {
    const chosen = { protocol: 'smtp', stage: 'auth', mail_account_id: ACCOUNT } as const
    expect(sent({ error: 'x', ...chosen })).toMatchObject({
      protocol: 'smtp',
      stage: 'auth',
      mail_account_id: ACCOUNT,
    })
  })

  it('sends every fact that is known', () => {
    const facts: Partial<ReportDraft> = {
      account_type: 'work',
      other_protocol: 'failed',
      shared_mailbox: 'yes',
      worked_before: 'no',
      intermittent: 'no',
      username: ' support@contoso.com ',
      signed_in_as: 'alice@contoso.com',
      host: 'outlook.office365.com',
      port: '993',
    }
    expect(withFacts(facts).evidence).toEqual({
      account_type: 'work',
      other_protocol: 'failed',
      shared_mailbox: true,
      worked_before: false,
      intermittent: false,
      username: 'support@contoso.com',
      signed_in_as: 'alice@contoso.com',
      host: 'outlook.office365.com',
      port: 993,
    })
  })

  it('ignores fields with only spaces', () => {
    expect(withFacts({ host: '  ', username: ' ' }).evidence).toBeUndefined()
  })
})
