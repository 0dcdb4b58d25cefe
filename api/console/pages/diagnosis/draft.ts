/** The form of a diagnosis: what was typed and chosen, and what is sent of it. Pure. */
import type { DiagnosisInput, ReportProtocol, Stage } from '../../../../schema/diagnosis.ts'

export type YesNo = '' | 'yes' | 'no'

/** Facts of a report. An empty string means unknown. */
export type Facts = {
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

export type ReportDraft = {
  error: string
  protocol: '' | ReportProtocol
  stage: '' | Stage
  facts: Facts
}

export const emptyReportDraft: ReportDraft = {
  error: '',
  protocol: '',
  stage: '',
  facts: {
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
  },
}

/** Returns the request: the error as it was pasted, and only the known facts. */
export function inputOf({ error, protocol, stage, facts }: ReportDraft): DiagnosisInput {
  const evidence = {
    account_type: facts.accountType || undefined,
    other_protocol: facts.otherProtocol || undefined,
    shared_mailbox: flag(facts.isShared),
    worked_before: flag(facts.workedBefore),
    intermittent: flag(facts.worksAtTimes),
    username: facts.username.trim() || undefined,
    signed_in_as: facts.signedInAs.trim() || undefined,
    host: facts.host.trim() || undefined,
    port: facts.port === '' ? undefined : Number(facts.port),
  }
  const isKnown = Object.values(evidence).some((value) => value !== undefined)
  return {
    error,
    protocol: protocol || undefined,
    stage: stage || undefined,
    mail_account_id: facts.mailAccount || undefined,
    ...(isKnown && { evidence }),
  }
}

const flag = (answer: YesNo) => (answer === '' ? undefined : answer === 'yes')
