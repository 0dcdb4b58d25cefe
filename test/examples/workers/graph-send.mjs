/**
 * Sends the MIME message on standard input through Microsoft Graph. Node's own modules only.
 * Run with MAILGRANT_URL, MAILGRANT_ACCOUNT (ma_...) and MAILGRANT_KEY_FILE, a file of mode 600 with one line:
 * "Authorization: Bearer mg_key_...". The API key needs the scope "tokens" and this account only.
 */
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

const { MAILGRANT_URL, MAILGRANT_ACCOUNT, MAILGRANT_KEY_FILE } = process.env
const [name, key] = (await readFile(MAILGRANT_KEY_FILE, 'utf8')).trim().split(': ')

/** Repeats the request after these statuses, as late as Retry-After says. */
async function post(url, headers, body, repeatAfter) {
  for (;;) {
    const signal = AbortSignal.timeout(60_000)
    const response = await fetch(url, { method: 'POST', headers, body, signal })
    const seconds = response.headers.get('retry-after')
    if (!repeatAfter.includes(response.status) || seconds === null) return response
    await sleep(Number(seconds) * 1000)
  }
}

/** Returns a token with its URL. Throws with the reason if a person has to act first. */
async function fetchToken(rejectedExpiresAt) {
  const url = `${MAILGRANT_URL}/v1/mail-accounts/${MAILGRANT_ACCOUNT}/access-token`
  const body = JSON.stringify({ rejected_expires_at: rejectedExpiresAt })
  const headers = { [name]: key, 'content-type': 'application/json' }
  const response = await post(url, headers, body, [429, 503])
  const token = await response.json()
  if (!response.ok) throw new Error(`${token.title}: ${token.detail}`)
  return token
}

function send(token, message) {
  const url = `${token.api_base}${token.mailbox_path}/sendMail`
  const headers = { authorization: `Bearer ${token.access_token}`, 'content-type': 'text/plain' }
  // Not after a timeout or a 5xx: the message might have been sent.
  return post(url, headers, message.toString('base64'), [429])
}

const message = await buffer(process.stdin)
const token = await fetchToken()
let response = await send(token, message)
if (response.status === 401) {
  // Graph refused the token before its time. Report that, and try once with another.
  response = await send(await fetchToken(token.expires_at), message)
}
if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`)
