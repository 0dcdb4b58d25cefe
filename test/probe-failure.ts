import type { ProbeFailure } from '../schema/probe.ts'

/** Returns the checker's record of a failure; a login that was rejected, unless `failure` says otherwise. */
export const probeFailure = (failure: Partial<ProbeFailure>): ProbeFailure => ({
  step: 'authenticate',
  kind: 'rejected',
  code: null,
  reply: null,
  smtp_code: null,
  smtp_enhanced: null,
  imap_status: null,
  imap_response_code: null,
  challenge: null,
  certificate_issuer: null,
  ...failure,
})
