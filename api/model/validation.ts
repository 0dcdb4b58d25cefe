/** A validation: the result of one real login. */
import type { Diagnosis } from '../../schema/diagnosis.ts'
import type { FailureFacts } from '../../schema/failure.ts'
import type { Protocol, Security } from '../../schema/mail-servers.ts'
import type { Outcome, ProbeFailure, Step } from '../../schema/probe.ts'
import type { ProblemCode } from '../../schema/problem.ts'

/** The facts behind a validation that did not pass, by the part that found them: input of a diagnosis. */
export type ValidationFailure =
  | { from: 'checker'; probe: ProbeFailure }
  | { from: 'token'; code: ProblemCode; facts: FailureFacts | null }
  | { from: 'worker'; checker: string; status: number | null }

export type ValidationRecord = {
  id: string
  /** The account that it was made for, if any. */
  mailAccountId: string | null
  /** Null for a password. */
  grantId: string | null
  /** Keyed hash of the values that were tried; see domain/mail-accounts/fingerprint.ts. */
  fingerprint: string
  outcome: Outcome
  protocol: Protocol
  host: string
  port: number
  security: Security
  mechanism: string | null
  identity: string
  steps: Step[]
  failure: ValidationFailure | null
  warnings: string[]
  diagnosis: Diagnosis | null
  durationMs: number
  checkedAt: Date
}

/** The last validation of an account, as the account records it. */
export type LastValidation = { id: string; outcome: Outcome; checkedAt: Date }

export type LoginValues = Pick<
  ValidationRecord,
  'fingerprint' | 'mailAccountId' | 'grantId' | 'protocol' | 'host'
>

export type LoginHistory = {
  /** True when a login with these values has passed, as far back as results are stored. */
  workedBefore: boolean
  /** Last result of the other mail protocol with the same grant. */
  otherProtocol: 'passed' | 'failed' | null
}
