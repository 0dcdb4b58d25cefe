/** Finds the proof of a cause in a parsed report. Without one, no verdict is certain. */
import type { Proof, Source } from '../../schema/diagnosis.ts'
import type { CatalogueEntry } from './catalogue/catalogue.ts'
import { bestIndicator, WEIGHT } from './catalogue/cause.ts'
import { isOthersHost, isOthersPassword, repliedByExchange } from './catalogue/hosts.ts'
import { SHARED_NUMBERS } from './catalogue/numbers.ts'
import { entraProof } from './catalogue/proof.ts'
import type { ParsedReport } from './parse/parse-report.ts'
import type { FailureKind } from './report.ts'

/** Returns the proof, or null. `deciding`: the number of Entra that decides, if the report has one. */
export const proofOf = (
  cause: CatalogueEntry,
  parsed: ParsedReport,
  deciding: number | undefined,
): Proof | null =>
  (deciding === undefined || SHARED_NUMBERS.has(deciding)
    ? null
    : entraProof(cause.aadsts, deciding, parsed)) ??
  inSourceRead(indicatedProof(cause, parsed), parsed) ??
  ownProof(cause, parsed)

/**
 * Entra writes the same sentences on its sign-in page and at its token endpoint, so the report decides which one it
 * was.
 */
const inSourceRead = (proof: Proof | null, { source }: ParsedReport): Proof | null =>
  proof && source && ENTRA.includes(proof.source) && ENTRA.includes(source)
    ? { ...proof, source }
    : proof

const ENTRA: readonly Proof['source'][] = ['sign_in_page', 'token_endpoint']

/** Returns whether words prove the cause. A fact proves it only beside words that it can explain. */
export function isSaid(cause: CatalogueEntry, parsed: ParsedReport): boolean {
  const proof = indicatedProof(cause, parsed)
  return proof !== null && 'text' in proof
}

/** Returns the proof by the cause's own indicators. */
function indicatedProof(cause: CatalogueEntry, parsed: ParsedReport): Proof | null {
  for (const finder of cause.proof) {
    const proof = finder(parsed)
    if (proof && !isBeside(proof, parsed)) return proof
  }
  return null
}

/** Sources that reply after a connection was made. */
const SERVERS: readonly Source[] = ['mail_server', 'graph', 'token_endpoint', 'sign_in_page']

/**
 * Returns true for words that are not about this attempt: those of a connection that failed before a server replied, and
 * Exchange's words from another server, which may print anything.
 */
function isBeside(proof: Proof, parsed: ParsedReport): boolean {
  if (!('text' in proof)) return false
  if (proof.source === 'system' || proof.source === 'tls') {
    return parsed.source !== null && SERVERS.includes(parsed.source)
  }
  return (
    proof.source === 'mail_server' &&
    !repliedByExchange(parsed) &&
    (parsed.source === 'other_server' || isOthersHost(parsed) || isOthersPassword(parsed))
  )
}

/** Returns the proof by what the product observed itself, or by the code of its own response that a text quotes. */
function ownProof(cause: CatalogueEntry, parsed: ParsedReport): Proof | null {
  const { observed, mailgrantProblem, kind } = parsed
  if (!observed && mailgrantProblem === null) return null
  const best = bestIndicator(cause, withoutText(parsed))
  if (best < WEIGHT.names - 0.5) return null
  if (mailgrantProblem !== null && best >= WEIGHT.overrides)
    return { text: mailgrantProblem, source: 'mailgrant' }
  return { fact: OBSERVED[kind ?? 'refused'], source: 'mailgrant' }
}

/** Returns the report without the words of its text, so that only facts of the product are left. */
const withoutText = (parsed: ParsedReport): ParsedReport => ({
  ...parsed,
  text: '',
  written: '',
  isWebPage: false,
  codes: [],
  oauth: new Set(),
  suberror: null,
  enhanced: new Set(),
  responses: parsed.observed ? parsed.responses : new Set(),
  imapCode: parsed.observed ? parsed.imapCode : null,
  meanings: new Set(parsed.observedMeaning === undefined ? [] : [parsed.observedMeaning]),
})

/** Sentences for the facts that the product observed, without values. */
const OBSERVED: Record<FailureKind, string> = {
  host_not_allowed:
    'Mailgrant sends credentials only to allowed servers, and this is not one of them.',
  private_address: "The server's name has a private address.",
  dns: "The server's name has no address here.",
  connect: 'The server accepted no connection.',
  timeout: 'The server did not respond in time.',
  tls: 'TLS with the server failed.',
  starttls_refused: 'The server refused STARTTLS.',
  starttls_injection: 'The server sent more than its reply to STARTTLS.',
  protocol: 'The server did not follow the protocol.',
  mechanism_missing: "The server does not offer this login's mechanism.",
  line_too_long: 'The server did not read the line with the credential to its end.',
  rejected: "The server refused Mailgrant's login.",
  throttled: 'The response asks for a pause.',
  unavailable: 'The response says that the service is unavailable.',
  not_connected: 'The server accepted the login but opened no mailbox.',
  unreachable: 'No connection could be made.',
  malformed: 'The response is not one that Microsoft sends.',
  refused: "Microsoft refused Mailgrant's request.",
  no_return: 'No response came back from the sign-in page.',
  account_mismatch: 'An account other than the expected one signed in.',
  no_refresh_token: 'The response contains no refresh token.',
  no_mail_scope: 'The response contains none of the requested permissions.',
  identity_not_proven: 'The ID token does not fit the request.',
  clock_wrong: 'The ID token was not valid when it arrived.',
  token_damaged: 'The stored token cannot be read.',
  checker_unavailable: 'The checker did not respond.',
}
