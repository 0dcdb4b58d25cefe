/** The values of the diagnosis form, and the request that they make. Pure. */
import type { DiagnosisInput, ReportProtocol, Stage } from '../../../../schema/diagnosis.ts'

export type YesNo = '' | 'yes' | 'no'

/** An error report. An empty string means unknown. */
export type ReportDraft = {
  error: string
  protocol: '' | ReportProtocol
  stage: '' | Stage
  /** Id of an email account, of which the API knows more. */
  mailAccount: string
  accountType: '' | 'work' | 'personal'
  otherProtocol: '' | 'ok' | 'failed'
  isShared: YesNo
  workedBefore: YesNo
  worksAtTimes: YesNo
  username: string
  signedInAs: string
  host: string
  port: string
}

export const emptyReportDraft: ReportDraft = {
  error: '',
  protocol: '',
  stage: '',
  mailAccount: '',
  accountType: '',
  otherProtocol: '',
  isShared: '',
  workedBefore: '',
  worksAtTimes: '',
  username: '',
  signedInAs: '',
  host: '',
  port: '',
}

/** Returns the request: the error as it was pasted, and the facts that are known. */
export function inputOf(draft: ReportDraft): DiagnosisInput {
  const { error, protocol, stage, mailAccount } = draft
  const evidence = {
    account_type: draft.accountType || undefined,
    other_protocol: draft.otherProtocol || undefined,
    shared_mailbox: flag(draft.isShared),
    worked_before: flag(draft.workedBefore),
    intermittent: flag(draft.worksAtTimes),
    username: draft.username.trim() || undefined,
    signed_in_as: draft.signedInAs.trim() || undefined,
    host: draft.host.trim() || undefined,
    port: draft.port === '' ? undefined : Number(draft.port),
  }
  const isKnown = Object.values(evidence).some((value) => value !== undefined)
  return {
    error,
    protocol: protocol || undefined,
    stage: stage || undefined,
    mail_account_id: mailAccount || undefined,
    ...(isKnown && { evidence }),
  }
}

const flag = (answer: YesNo) => (answer === '' ? undefined : answer === 'yes')
