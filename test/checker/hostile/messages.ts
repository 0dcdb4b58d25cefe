/** The Worker's side of the message exchange: seals requests, opens reports. */
import { CompactEncrypt, compactDecrypt } from 'jose'
import {
  PROBE_LIFETIME_S,
  PROBE_TYP,
  ProbeReport,
  type ProbeRequest,
} from '../../../schema/probe.ts'
import type { KeyRing } from '../../../schema/settings.ts'

export const RING: KeyRing = [{ kid: 'k1', key: crypto.getRandomValues(new Uint8Array(32)) }]

/** The key ring in the format of CHECKER_KEY. */
export const RING_TEXT = RING.map(
  ({ kid, key }) => `${kid}:${Buffer.from(key).toString('base64')}`,
).join()

export async function sealRequest(
  request: unknown,
  now = new Date(),
  typ = PROBE_TYP,
): Promise<string> {
  const iat = Math.floor(now.getTime() / 1000)
  const jti = crypto.randomUUID()
  const { kid, key } = RING[0]
  const header = { alg: 'dir', enc: 'A256GCM', typ, kid, jti, iat }
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(request)))
    .setProtectedHeader({ ...header, exp: iat + PROBE_LIFETIME_S })
    .encrypt(key)
}

export async function openReport(sealed: string): Promise<ProbeReport> {
  const { plaintext } = await compactDecrypt(sealed, RING[0].key)
  return ProbeReport.parse(JSON.parse(new TextDecoder().decode(plaintext)))
}

export const REQUEST: ProbeRequest = {
  protocol: 'imap',
  host: 'outlook.office365.com',
  port: 993,
  security: 'tls',
  identity: 'alice@contoso.test',
  credential: { type: 'oauth', access_token: 'a-token', cloud: 'global' },
}

export const REPORT: ProbeReport = {
  outcome: 'passed',
  mechanism: 'XOAUTH2',
  steps: [],
  failure: null,
  duration_ms: 1,
}
