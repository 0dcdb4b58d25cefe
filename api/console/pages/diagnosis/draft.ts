/** The values of the diagnosis form, and the request that they make. Pure. */
import type { DiagnosisInput, ReportProtocol, Stage } from '../../../../schema/diagnosis.ts'

export type YesNo = '' | 'yes' | 'no'

/** An error report without anything known, under the names of the API. An empty string means unknown. */
export const emptyReportDraft = {
  error: '',
  protocol: '' as '' | ReportProtocol,
  stage: '' as '' | Stage,
  /** An email account of which the API knows more. */
  mail_account_id: '',
  account_type: '' as '' | 'work' | 'personal',
  other_protocol: '' as '' | 'ok' | 'failed',
  shared_mailbox: '' as YesNo,
  worked_before: '' as YesNo,
  intermittent: '' as YesNo,
  username: '',
  signed_in_as: '',
  host: '',
  port: '',
}

export type ReportDraft = typeof emptyReportDraft

/** Returns the request: the error as it was pasted, and the facts that are known. */
export function inputOf(draft: ReportDraft): DiagnosisInput {
  const { error, protocol, stage, mail_account_id, ...facts } = draft
  const evidence = {
    account_type: facts.account_type || undefined,
    other_protocol: facts.other_protocol || undefined,
    shared_mailbox: flag(facts.shared_mailbox),
    worked_before: flag(facts.worked_before),
    intermittent: flag(facts.intermittent),
    username: facts.username.trim() || undefined,
    signed_in_as: facts.signed_in_as.trim() || undefined,
    host: facts.host.trim() || undefined,
    port: facts.port === '' ? undefined : Number(facts.port),
  }
  const isKnown = Object.values(evidence).some((value) => value !== undefined)
  return {
    error,
    protocol: protocol || undefined,
    stage: stage || undefined,
    mail_account_id: mail_account_id || undefined,
    ...(isKnown && { evidence }),
  }
}

const flag = (answer: YesNo) => (answer === '' ? undefined : answer === 'yes')
