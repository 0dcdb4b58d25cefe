/**
 * The Graph client: the calls that send mail, bound to one `fetch`. A request is made once, since one without a response
 * might have sent its message.
 */
import { SECOND_MS } from '../../schema/durations.ts'
import type { Cloud } from '../../schema/mail-servers.ts'
import { TEST_MESSAGE } from '../../schema/probe.ts'
import { exchange } from '../entra/http.ts'
import { type GraphResult, readGraphResponse } from './errors.ts'
import { graphApiBase } from './hosts.ts'

/** Timeout of one request in milliseconds, covering connection, headers and body. */
const GRAPH_TIMEOUT_MS = 10 * SECOND_MS
/** Maximum size of a body in bytes. An error has less than one KiB. */
const GRAPH_MAX_BODY = 64 * 1024

/** Not base64, and without any character of its alphabet, so that Graph can't read a message in it. */
const NO_MESSAGE = '!!!!'

/** `mailbox`: its path. `requestId`: a GUID by which Microsoft's support finds it. `waitMs`: a shorter timeout. */
type GraphRequest = {
  cloud: Cloud
  mailbox: string
  accessToken: string
  requestId: string
  waitMs?: number
}

/**
 * `from`: another sender than the mailbox itself, or null. `alert`: subject and text; default: those of the test
 * message.
 */
export type GraphMessage = {
  to: string
  from: string | null
  alert?: { subject: string; text: string }
}

export function createGraph(options: {
  fetch: typeof fetch
  now: () => Date
  /** Replaces the origin of every cloud's Graph. */
  root: string | null
  timeoutMs?: number
}) {
  const { fetch, now, root, timeoutMs = GRAPH_TIMEOUT_MS } = options

  /** Calls sendMail (https://learn.microsoft.com/en-us/graph/api/user-sendmail). */
  async function sendMail(
    { cloud, mailbox, accessToken, requestId, waitMs = timeoutMs }: GraphRequest,
    contentType: string,
    body: string,
  ): Promise<GraphResult> {
    const headers = {
      accept: 'application/json',
      authorization: `Bearer ${accessToken}`,
      'client-request-id': requestId,
      'content-type': contentType,
    }
    const url = `${graphApiBase(cloud, root)}${mailbox}/sendMail`
    const http = { fetch, timeoutMs: Math.min(timeoutMs, waitMs), maxBody: GRAPH_MAX_BODY }
    const result = await exchange(http, url, { method: 'POST', headers, body })
    if (result.ok) return readGraphResponse(result.response, now())
    const { failure } = result
    return { kind: 'unreachable', reason: failure.kind === 'timeout' ? 'timeout' : failure.code }
  }

  return {
    /** Asks whether the token may send, with a body that Graph refuses in either case. */
    probeSending: (request: GraphRequest) => sendMail(request, 'text/plain', NO_MESSAGE),

    /** Sends a message, and saves it in the mailbox's Sent Items, where its owner sees it. */
    sendMessage: (
      request: GraphRequest,
      { to, from, alert: { subject, text } = TEST_MESSAGE }: GraphMessage,
    ): Promise<GraphResult> =>
      sendMail(
        request,
        'application/json',
        JSON.stringify({
          message: {
            subject,
            body: { contentType: 'Text', content: text },
            toRecipients: [{ emailAddress: { address: to } }],
            ...(from !== null && { from: { emailAddress: { address: from } } }),
            // Keeps Exchange from sending automatic replies. Graph only takes names that begin with X.
            internetMessageHeaders: [{ name: 'X-Auto-Response-Suppress', value: 'All' }],
          },
          saveToSentItems: true,
        }),
      ),
  }
}

export type Graph = ReturnType<typeof createGraph>

/** Returns a random GUID, in the form that Microsoft's support searches for. */
export function newGraphRequestId(random: (n: number) => Uint8Array): string {
  const hex = Array.from(random(16), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
