/**
 * Responses of Microsoft Graph as facts (https://learn.microsoft.com/en-us/graph/errors). Their meaning is judged in
 * diagnosis/. Microsoft says to rely on `code` alone, but the mail API's ErrorAccessDenied has several causes that only
 * the message tells apart.
 */
import type { NetworkCode } from '../../schema/failure.ts'
import { isGuid } from '../../schema/integration.ts'
import type { HttpResponse } from '../entra/http.ts'
import { parseRetryAfter } from '../retry-after.ts'

/** `code` and `message` are null if the body is not Graph's, but that of a proxy or a gateway. */
export type GraphResponse = {
  kind: 'response'
  status: number
  code: string | null
  message: string | null
  /** Microsoft's ID of the request, which its support asks for. */
  requestId: string | null
  /** Seconds, at most 3600; null without a Retry-After. */
  retryAfterSeconds: number | null
}

export type GraphResult =
  | GraphResponse
  /** No response. The request might still have been carried out. */
  | { kind: 'unreachable'; reason: NetworkCode | 'timeout' }

const MAX_MESSAGE = 500

/** A run of characters that could be a token or a part of one. A GUID, which is shorter, stays. */
const LIKE_A_TOKEN = /[\w.~+/=-]{40,}/g
/**
 * An address can be that of another person, and messages become part of problems, which more people than the owner see.
 */
const LIKE_AN_ADDRESS = /[^\s'"<>()[\],;:@]{1,64}@[^\s'"<>()[\],;:@]+/g

export function readGraphResponse(
  { status, headers, json }: Omit<HttpResponse, 'defect'>,
  now: Date,
): GraphResponse {
  const error = membersOf(membersOf(json).error)
  // Some responses spell it innererror.
  const inner = membersOf(error.innerError ?? error.innererror)
  return {
    kind: 'response',
    status,
    code: codeOf(error.code),
    message: textOf(error.message),
    requestId: [headers.get('request-id'), inner['request-id']].find(isGuid) ?? null,
    retryAfterSeconds: parseRetryAfter(headers.get('retry-after'), now),
  }
}

const membersOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

const codeOf = (value: unknown): string | null =>
  typeof value === 'string' && /^[\w.-]{1,100}$/.test(value) ? value : null

function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = value
    .slice(0, 4 * MAX_MESSAGE)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(LIKE_A_TOKEN, '...')
    .replaceAll(LIKE_AN_ADDRESS, '...')
    .trim()
  return text === '' ? null : text.slice(0, MAX_MESSAGE)
}
